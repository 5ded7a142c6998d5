/**
 * How many tries a property gets, and from which seed: the same ones every time. `FUZZ_FACTOR=50` makes it
 * fifty times as many, and `FUZZ_SEED=random` (or a number) takes another path. Test support only.
 */
import { randomInt } from 'node:crypto';

const usualSeed = 20260312;
const seed = chooseSeed(process.env.FUZZ_SEED);
const factor = Number(process.env.FUZZ_FACTOR ?? 1);

/** Options for `fc.assert`. */
export function budget(runs: number): { seed: number; numRuns: number } {
  return { seed, numRuns: Math.max(1, Math.round(runs * factor)) };
}

function chooseSeed(wanted: string | undefined): number {
  if (wanted === undefined) return usualSeed;
  const chosen = wanted === 'random' ? randomInt(2 ** 31) : Number(wanted);
  // On standard error, because a failure can be repeated only with its seed.
  process.stderr.write(`FUZZ_SEED=${chosen}\n`);
  return chosen;
}
