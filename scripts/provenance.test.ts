import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareBuilds, digestBuild } from './build-digest.ts';
import { type BuildFacts, describeBuild, sourceUri, unknownBuilder } from './provenance-statement.ts';
import { digestSources, sources } from './source-digest.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'strongroom-provenance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const uri = z.string().refine((text) => URL.canParse(text));
/** What both specifications ask for; every other member would be a mistake. */
const statement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string().min(1), digest: sha256 })).min(1),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: uri,
      externalParameters: z.record(z.string(), z.json()),
      internalParameters: z.record(z.string(), z.json()),
      resolvedDependencies: z.array(
        z
          .strictObject({
            name: z.string(),
            uri: uri.optional(),
            digest: z
              .union([sha256, z.strictObject({ gitCommit: z.string().regex(/^[0-9a-f]{40}$/) })])
              .optional(),
          })
          .refine((one) => one.uri !== undefined || one.digest !== undefined),
      ),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: uri, version: z.record(z.string(), z.string()) }),
    }),
  }),
});

const facts: BuildFacts = {
  version: '0.2.0',
  files: new Map([['server.js', 'a'.repeat(64)]]),
  sources: 'b'.repeat(64),
  lockFile: 'c'.repeat(64),
  commit: { id: 'd'.repeat(40), remote: 'https://git.example/strongroom.git' },
  basePath: '',
  nodeVersion: 'v24.21.0',
  builder: unknownBuilder,
};

describe('a provenance statement', () => {
  it('has the shape of both specifications, with a commit, without one, and without a remote', () => {
    const commits = [facts.commit, null, { id: 'd'.repeat(40), remote: null }];
    for (const commit of commits)
      expect(statement.safeParse(describeBuild({ ...facts, commit })).error).toBeUndefined();
    const hash = 'not a hash';
    expect(statement.safeParse(describeBuild({ ...facts, sources: hash })).success).toBe(false);
  });

  it('names the commit, the lock file and each file of the output', () => {
    const { subject, predicate } = describeBuild(facts);
    expect(subject).toEqual([{ name: 'server.js', digest: { sha256: 'a'.repeat(64) } }]);
    expect(predicate.buildDefinition.resolvedDependencies).toEqual(
      expect.arrayContaining([
        {
          name: 'commit',
          uri: 'git+https://git.example/strongroom.git',
          digest: { gitCommit: 'd'.repeat(40) },
        },
        { name: 'package-lock.json', digest: { sha256: 'c'.repeat(64) } },
      ]),
    );
  });

  it.each([
    ['https://user:secret@git.example/a.git', 'git+https://git.example/a.git'],
    ['git@git.example:team/a.git', 'git+ssh://git.example/team/a.git'],
    ['ssh://git@git.example:2222/a.git', 'git+ssh://git.example:2222/a.git'],
    ['/home/user/a', null],
    ['../a', null],
    ['file:///home/user/a', null],
  ])('of the remote %s names %s', (remote, expected) => expect(sourceUri(remote)).toBe(expected));
});

describe('the hash of the sources', () => {
  const copy = join(folder, 'deep/copy');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  };

  it('is over what an image is built of', () => {
    const lines = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gm);
    expect(sources.toSorted()).toEqual(lines?.toSorted());
  });

  it('is the same in another folder and with other tests, and another for another file, name or base path', () => {
    write('app/page.tsx', 'one');
    write('lib/a.ts', 'two');
    const digest = (env = {}) => digestSources(copy, env).sha256;
    const before = digest();
    const elsewhere = join(folder, 'elsewhere');
    cpSync(copy, elsewhere, { recursive: true });
    expect(digestSources(elsewhere, { AUTH_SECRET: 'x', BASE_PATH: ' ' }).sha256).toBe(before);
    expect(digestSources(relative('.', copy), {}).sha256).toBe(before);
    mkdirSync(join(copy, 'lib/strongroom/dist'), { recursive: true });
    writeFileSync(join(copy, 'lib/strongroom/dist/left.js'), 'of npm pack');
    expect(digestSources(copy, {}).sha256).toBe(before);
    write('app/page.test.ts', 'a test');
    write('docs/a.md', 'words');
    expect(digest()).toBe(before);
    const others = [digest({ BASE_PATH: '/portal' }), digest({ NEXT_PUBLIC_A: '1' })];
    write('lib/a.ts', 'three');
    others.push(digest());
    rmSync(join(copy, 'lib/a.ts'));
    write('lib/b.ts', 'two');
    others.push(digest());
    expect(new Set([before, ...others]).size).toBe(5);
    expect(digestSources(copy, {}).buildId).toMatch(/^[0-9b-g]{32}$/);
  });
});

describe('two outputs', () => {
  it('are compared file by file, and only what is random by design has a reason', () => {
    for (const [name, key] of [
      ['one', 'a'],
      ['other', 'b'],
    ] as const) {
      mkdirSync(join(folder, name, '.next/server'), { recursive: true });
      writeFileSync(join(folder, name, 'same.js'), 'same');
      writeFileSync(join(folder, name, `only-${name}.js`), '');
      writeFileSync(join(folder, name, '.next/server/preview-props.json'), key);
      writeFileSync(join(folder, name, 'server.js'), key);
    }
    const [one, other] = ['one', 'other'].map((name) => digestBuild(join(folder, name)));
    const differences = compareBuilds(one ?? new Map(), other ?? new Map());
    const unexplained = differences.filter(({ reason }) => reason === null).map(({ path }) => path);
    expect(unexplained).toEqual(['only-one.js', 'only-other.js', 'server.js']);
    expect(differences.map(({ path }) => path)).toContain('.next/server/preview-props.json');
    expect(compareBuilds(one ?? new Map(), one ?? new Map())).toEqual([]);
  });
});
