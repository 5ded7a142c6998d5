/** The packages that the application stands on: at least the versions that mend what is known, all from the public registry, all in the lock file. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Locked = {
  version: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  inBundle?: boolean;
};

const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const declared = read('package.json') as Record<'dependencies' | 'devDependencies', Record<string, string>>;

/** The lowest version without a known hole that matters here. */
const floors = {
  next: '16.2.11',
  react: '19.2.6',
  'react-dom': '19.2.6',
  'next-auth': '5.0.0-beta.32',
  jose: '6.0.0',
  'iron-session': '9.0.0',
  oauth4webapi: '3.8.0',
  zod: '4.0.0',
  // What came along with Next when audits found something high in it: GHSA-r28c-9q8g-f849 and GHSA-fxqj-rqcc-2cmp, GHSA-2v37-7h3g-55p8, libvips.
  postcss: '8.5.23',
  nanoid: '3.3.18',
  sharp: '0.35.0',
};

/** CVE-2026-22028 is in preact from 10.26.5 to 10.28.1; @auth/core brings an older one along, which nothing here renders with. */
const preactWithHole = ['10.26.5', '10.28.2'] as const;

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map((part) => Number(part) || 0));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The core, and the link by which the application finds it. */
const ownWorkspace = new Set(['lib/strongroom', 'node_modules/strongroom']);

describe('the lock file', () => {
  it.each(Object.entries(floors))('FW-03: has %s not older than %s', (name, floor) => {
    const versions = Object.entries(packages)
      .filter(([path]) => path.endsWith(`node_modules/${name}`))
      .map(([, { version }]) => version);
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions) expect(compare(version, floor)).toBeGreaterThanOrEqual(0);
  });

  it('FW-03: has no preact with CVE-2026-22028', () => {
    const { version = '' } = packages['node_modules/preact'] ?? {};
    const [first, mended] = preactWithHole;
    expect(compare(version, first) < 0 || compare(version, mended) >= 0).toBe(true);
  });

  it('FW-03: agrees with package.json', () => {
    const root = packages[''] as unknown as typeof declared;
    expect([root.dependencies, root.devDependencies]).toEqual([
      declared.dependencies,
      declared.devDependencies,
    ]);
  });

  it('FW-03: names no registry, no repository and no folder, and what is named is named with its hash', () => {
    const others = Object.entries(packages)
      .filter(([path]) => path !== '' && !ownWorkspace.has(path))
      .filter(
        ([, { resolved = '', link }]) => link || !/^(https:\/\/registry\.npmjs\.org\/.*)?$/.test(resolved),
      );
    expect(others.map(([path]) => path)).toEqual([]);
    const unhashed = Object.entries(packages).filter(
      ([path, { integrity, inBundle }]) => path !== '' && !ownWorkspace.has(path) && !integrity && !inBundle,
    );
    expect(unhashed.map(([path]) => path)).toEqual([]);
  });

  it('FW-03: versions are compared by number', () => {
    expect(compare('16.10.0', '16.2.11')).toBeGreaterThan(0);
    expect(compare('16.2.10', '16.2.11')).toBeLessThan(0);
    expect(compare('5.0.0-beta.4', '5.0.0-beta.32')).toBeLessThan(0);
  });
});
