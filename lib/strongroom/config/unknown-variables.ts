/**
 * Variables that have no effect and were probably meant to: every unknown `AUTH_…`, and what is a slip away
 * from a known name. Other unknown variables belong to other programs. Pure.
 */

export type UnknownVariable = {
  name: string;
  /** The known name that it is like, or null. */
  nearest: string | null;
};

/** Letters that were left out, added or mistaken. Two of them turn one short name into another. */
const maxSlips = 2;
const minCharsWithSlips = 8;

export function findUnknownVariables(names: readonly string[], known: readonly string[]): UnknownVariable[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, nearest: findNearest(name, known) }))
    .filter(({ name, nearest }) => nearest !== null || name.startsWith('AUTH_'));
}

function findNearest(name: string, known: readonly string[]): string | null {
  const [best] = known
    .filter((candidate) => candidate.length >= minCharsWithSlips)
    .map((candidate) => ({ candidate, slips: countSlips(name.toUpperCase(), candidate) }))
    .filter(({ slips }) => slips <= maxSlips)
    .toSorted((a, b) => a.slips - b.slips);
  return best?.candidate ?? null;
}

/** The edit distance of two names, or more than the most where their lengths differ too much. */
function countSlips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxSlips) return maxSlips + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/** `AUTH_ISSUR (did you mean AUTH_ISSUER?)` */
export function describeUnknown({ name, nearest }: UnknownVariable): string {
  return nearest === null ? name : `${name} (did you mean ${nearest}?)`;
}
