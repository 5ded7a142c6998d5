import { describe, expect, it } from 'vitest';
import { compareVersions, laterRange } from './compare-versions.ts';
import { mergePackage } from './merge-package.ts';

const base = { name: 'strongroom', scripts: { dev: 'a' }, dependencies: { next: '^16.0.0', zod: '^4.0.0' } };

const merge = (ours: object, theirs: object) => {
  const [from, mine, other] = [base, ours, theirs].map((json) => JSON.stringify(json));
  const merged = mergePackage({ base: from ?? '', ours: mine ?? '', theirs: other ?? '' });
  return { ...merged, json: JSON.parse(merged.text) };
};
const withPackages = (dependencies: object) => ({ ...base, dependencies });

describe('package.json of an adopter and of a release', () => {
  it('keeps what both added, in the order of names', () => {
    const ours = withPackages({ ...base.dependencies, aaa: '1.0.0' });
    const theirs = withPackages({ ...base.dependencies, bbb: '2.0.0' });
    const { json, kept, hasOwnPackages } = merge(ours, theirs);
    expect(Object.keys(json.dependencies)).toEqual(['aaa', 'bbb', 'next', 'zod']);
    expect([kept, hasOwnPackages]).toEqual([[], true]);
  });

  it('takes what only the release changed or removed, and keeps what only the adopter did', () => {
    const { json, hasOwnPackages } = merge(
      { ...withPackages({ next: '^16.0.0' }), name: 'ledger' },
      { ...withPackages({ next: '^17.0.0', zod: '^4.0.0' }), scripts: { dev: 'b' } },
    );
    expect(json).toEqual({ name: 'ledger', scripts: { dev: 'b' }, dependencies: { next: '^17.0.0' } });
    expect(hasOwnPackages).toBe(true);
    expect(merge(base, withPackages({ next: '^17.0.0' })).hasOwnPackages).toBe(false);
  });

  it('takes the later of two ranges, and says which other member both changed', () => {
    const ours = { ...withPackages({ next: '^16.9.0', zod: 'file:zod' }), scripts: { dev: 'mine' } };
    const theirs = { ...withPackages({ next: '^16.10.0', zod: '^4.1.0' }), scripts: { dev: 'other' } };
    const { json, kept } = merge(ours, theirs);
    expect(json.dependencies).toEqual({ next: '^16.10.0', zod: 'file:zod' });
    expect([json.scripts.dev, kept.toSorted()]).toEqual(['mine', ['dependencies.zod', 'scripts.dev']]);
  });
});

describe('versions', () => {
  it('are ordered by number, and pre-releases come before their release', () => {
    const sorted = ['0.2.0', '0.10.0', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0'];
    expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted);
    expect(laterRange('~1.2.3', '^1.2.4')).toBe('^1.2.4');
    expect(laterRange('>=1.2.3', '^1.2.4')).toBeNull();
  });
});
