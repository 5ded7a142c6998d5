/**
 * The releases of Strongroom: tags `v1.2.3` of the repository that a copy was made from. They are kept below
 * `refs/strongroom/`, since an adopter has tags of the same kind.
 */
import { compareVersions, isVersion } from './compare-versions.ts';
import { type Git, UpgradeProblem } from './git.ts';

export const coreFolder = 'lib/strongroom';
const kept = 'refs/strongroom/';

export type Release = { version: string; commit: string };

/** What the copy has, by the package file of its core. */
export function readVersion(git: Git, commit: string): string {
  const text = git.ask('show', `${commit}:${coreFolder}/package.json`);
  const { version } = JSON.parse(text ?? '{}') as { version?: unknown };
  if (typeof version === 'string' && isVersion(version)) return version;
  throw new UpgradeProblem(`${coreFolder}/package.json of ${commit} names no version.`);
}

/** @param from an address or a remote */
export function fetchReleases(git: Git, from: string | undefined): void {
  const source = from ?? 'strongroom';
  if (from === undefined && git.ask('remote', 'get-url', source) === null)
    throw new UpgradeProblem(
      'It is not known where releases come from. Name the repository that you took Strongroom from, once:\n  git remote add strongroom <address>\nor this time: npm run upgrade -- <version> --from <address>',
    );
  const before = listReleases(git);
  git.run('fetch', '--quiet', '--no-tags', '--', source, `+refs/tags/v*:${kept}v*`);
  const after = new Map(listReleases(git).map(({ version, commit }) => [version, commit]));
  const changed = before.filter(({ version, commit }) => (after.get(version) ?? commit) !== commit);
  if (changed.length === 0) return;
  for (const { version, commit } of changed) git.run('update-ref', `${kept}v${version}`, commit);
  const names = changed.map(({ version }) => `v${version}`).join(', ');
  throw new UpgradeProblem(
    `A release has changed since it was fetched, which none should: ${names}. Ask why. To take it all the same: git update-ref -d ${kept}v<version>`,
  );
}

/** Oldest first. */
export function listReleases(git: Git): Release[] {
  const format = '--format=%(refname) %(objectname) %(*objectname)';
  return git
    .run('for-each-ref', format, `${kept}v*`)
    .split('\n')
    .flatMap((line) => {
      const [name = '', object = '', peeled = ''] = line.split(' ');
      const version = name.slice(`${kept}v`.length);
      return isVersion(version) ? [{ version, commit: peeled || object }] : [];
    })
    .toSorted((a, b) => compareVersions(a.version, b.version));
}

/** @throws UpgradeProblem that lists what there is */
export function findRelease(git: Git, version: string): Release {
  const releases = listReleases(git);
  const found = releases.find((release) => release.version === version);
  if (found !== undefined) return found;
  const others = releases.map((release) => release.version).join(', ') || 'none';
  throw new UpgradeProblem(`There is no release ${version}. There are: ${others}.`);
}
