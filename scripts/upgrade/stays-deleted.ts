/** What an adopter has deleted as a whole, such as the pages of the sample, is not brought back by what a release adds to it. Pure. */
import { matchesGlob, posix } from 'node:path';

type Trees = {
  /** Paths of the release that the adopter has, and of their copy. */
  base: readonly string[];
  ours: readonly string[];
  /** Patterns of what belongs together: e2e/adopter/removed.txt. */
  patterns: readonly string[];
};

/** @returns those of `added` that belong to what was there in the release and is gone from the copy */
export function selectStaysDeleted(added: readonly string[], { base, ours, patterns }: Trees): string[] {
  const kept = new Set(ours);
  const isDeleted = (group: string) => {
    const isIn = (path: string) => belongsTo(path, group);
    const released = base.filter(isIn);
    return released.length > 0 && !released.some((path) => kept.has(path));
  };
  const known = new Map<string, boolean>();
  const isKnownDeleted = (group: string) => {
    if (!known.has(group)) known.set(group, isDeleted(group));
    return known.get(group) === true;
  };
  return added.filter((path) =>
    [...patterns.filter((pattern) => belongsTo(path, pattern)), ...listFolders(path)].some(isKnownDeleted),
  );
}

/** A pattern of paths, or a folder. */
function belongsTo(path: string, group: string): boolean {
  return path.startsWith(`${group}/`) || path === group || (group.includes('*') && matchesGlob(path, group));
}

function listFolders(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...listFolders(folder)];
}
