/** What a release consists of agrees: its versions, its changelog, and the pages about it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrokenLinks, findMissing } from './docs-checks.ts';
import { isVersion } from './upgrade/compare-versions.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readJson = (path: string) => JSON.parse(read(path));
const heading = /^## \[(.+?)\](?: – (?:\d{4}-\d\d-\d\d|unreleased))?$/gm;

/** An adopter's application has a name, a version and documents of its own. */
const application = readJson('package.json');
const isOurs = application.name === 'strongroom';

describe('a release', () => {
  const { version } = readJson('lib/strongroom/package.json');
  const releases = [...read('CHANGELOG.md').matchAll(heading)].map(([, name = '']) => name);

  it.runIf(isOurs)('has one version everywhere', () => {
    const { packages } = readJson('package-lock.json');
    const versions = [application.version, packages[''].version, packages['lib/strongroom'].version];
    expect([...versions, releases[0]]).toEqual(Array(4).fill(version));
  });

  it.runIf(isOurs)('has a changelog of headings that readers know', () => {
    expect(isVersion(version)).toBe(true);
    expect(releases.filter((name) => !isVersion(name))).toEqual([]);
    const kinds = [...read('CHANGELOG.md').matchAll(/^### (.+)$/gm)].map(([, kind]) => kind);
    const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
    expect(kinds.filter((kind) => !known.includes(kind ?? ''))).toEqual([]);
    expect(read('CHANGELOG.md').match(/^## /gm)).toHaveLength(releases.length);
  });
});

describe.each(['CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md'])('%s', (path) => {
  it.runIf(existsSync(join(root, path)))('links to nothing that is not there', () => {
    const text = read(path);
    const find = (file: string) => {
      const there = join(root, file);
      if (!existsSync(there)) return null;
      return statSync(there).isDirectory() ? '' : readFileSync(there, 'utf8');
    };
    expect(findBrokenLinks({ path, text }, find)).toEqual([]);
  });

  it.runIf(isOurs)('is short', () => {
    expect(read(path).split(/\s+/).length).toBeLessThanOrEqual(500);
  });
});

it('docs/upgrading.md names every option of the upgrade, and fits on a page', () => {
  const text = read('docs/upgrading.md');
  const options = [...read('scripts/upgrade.ts').matchAll(/^ +'?([a-z-]+)'?: \{ type: /gm)];
  expect(options.length).toBeGreaterThan(3);
  expect(options.filter(([, name]) => !text.includes(`--${name}`))).toEqual([]);
  expect(findMissing(text, ['lib/strongroom/', 'package.json'])).toEqual([]);
  expect(text.split(/\s+/).length).toBeLessThanOrEqual(350);
});
