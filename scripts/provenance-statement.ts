/**
 * What a build was made of, as an in-toto Statement with SLSA's provenance, unsigned: whoever runs the builds signs
 * it. Pure. @see https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1
 */

/** Stands for "npm ci && npm run build" of Strongroom, as CONTRIBUTING.md describes it. */
const buildType = 'urn:uuid:5b0b3e5c-7f0a-4c1d-9a53-0d6c1f5a2e84';
/** Nobody has said who built it. */
export const unknownBuilder = 'urn:uuid:00000000-0000-0000-0000-000000000000';

export type BuildFacts = {
  version: string;
  /** SHA-256 of the files of the output, by path. */
  files: ReadonlyMap<string, string>;
  /** SHA-256 of the sources and of the lock file. */
  sources: string;
  lockFile: string;
  /** Null outside of Git, or when the work tree is not that of the commit. */
  commit: { id: string; remote: string | null } | null;
  basePath: string;
  nodeVersion: string;
  /** A URI of whoever runs the builds. */
  builder: string;
};

export function describeBuild(facts: BuildFacts) {
  const { commit, version, nodeVersion } = facts;
  const uri = commit?.remote === null ? null : sourceUri(commit?.remote ?? '');
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...facts.files].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { basePath: facts.basePath },
        internalParameters: { node: nodeVersion },
        resolvedDependencies: [
          ...(commit === null
            ? []
            : [{ name: 'commit', ...(uri === null ? {} : { uri }), digest: { gitCommit: commit.id } }]),
          { name: 'sources', digest: { sha256: facts.sources } },
          { name: 'package-lock.json', digest: { sha256: facts.lockFile } },
          { name: 'node', uri: `pkg:generic/node@${nodeVersion.replace(/^v/, '')}` },
        ],
      },
      runDetails: { builder: { id: facts.builder, version: { strongroom: version } } },
    },
  };
}

/** As SPDX writes it, without the credentials that some put into a remote; null for a folder. */
export function sourceUri(remote: string): string | null {
  const byName = /^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):(?!\/)(.+)$/.exec(remote);
  const url = URL.parse(byName === null ? remote : `ssh://${byName[1]}/${byName[2]}`);
  if (url === null || !/^(?:https?|ssh|git):$/.test(url.protocol)) return null;
  url.username = '';
  url.password = '';
  return `git+${url.href}`;
}
