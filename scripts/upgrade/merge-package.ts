/** Merges package.json by its members: line by line, two packages that are added side by side would be a conflict. Pure. */
import { laterRange } from './compare-versions.ts';

type Json = { [name: string]: Value };
type Value = string | number | boolean | null | Value[] | Json;

export type MergedPackage = {
  text: string;
  /** Members that both sides changed to different values, where the adopter's stays: `scripts.dev`. */
  kept: string[];
  /** Whether packages other than the release's are asked for. */
  hasOwnPackages: boolean;
};

type Sides = { base: Value | undefined; ours: Value | undefined; theirs: Value | undefined };

/** @param texts of package.json in the release that the adopter has, in their copy, and in the new release */
export function mergePackage(texts: { base: string; ours: string; theirs: string }): MergedPackage {
  const [base, ours, theirs] = [texts.base, texts.ours, texts.theirs].map((text) => JSON.parse(text) as Json);
  const kept: string[] = [];
  const merged = (merge([], { base, ours, theirs }, kept) ?? {}) as Json;
  const wanted = (json: Json | undefined) =>
    JSON.stringify(packageLists.map((list) => sortMembers((json?.[list] ?? {}) as Json)));
  return {
    text: `${JSON.stringify(merged, null, 2)}\n`,
    kept,
    hasOwnPackages: wanted(merged) !== wanted(theirs),
  };
}

const packageLists = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

function merge(path: string[], { base, ours, theirs }: Sides, kept: string[]): Value | undefined {
  if (isSame(ours, theirs) || isSame(theirs, base)) return ours;
  if (isSame(ours, base)) return theirs;
  if (isObject(ours) && isObject(theirs)) {
    const from = isObject(base) ? base : {};
    const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
    const members = names.flatMap((name) => {
      const sides = { base: from[name], ours: ours[name], theirs: theirs[name] };
      const value = merge([...path, name], sides, kept);
      return value === undefined ? [] : [[name, value] as const];
    });
    const merged = Object.fromEntries(members);
    return packageLists.includes(path.at(-1) ?? '') ? sortMembers(merged) : merged;
  }
  const isPackage = packageLists.includes(path.at(-2) ?? '');
  const later =
    isPackage && typeof ours === 'string' && typeof theirs === 'string' ? laterRange(ours, theirs) : null;
  if (later !== null) return later;
  kept.push(path.join('.'));
  return ours;
}

function sortMembers(json: Json): Json {
  return Object.fromEntries(Object.entries(json).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isObject(value: Value | undefined): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
