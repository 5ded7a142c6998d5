/**
 * Peace for a server that fails. A token whose refresh failed rests, each time longer; when the server fails for everybody, all rest, and then
 * one of them tries first. Kept by each instance for itself. Pure but for its clock.
 */
import { BoundedMap } from '../../base/bounded-map';
import { type Clock, monotonicMs } from '../../base/clock';

type Rest = { reason: string; failures: number; untilMs: number };

type Failure = {
  /** How long the server asked to be left alone, if it did. */
  askedMs?: number | null;
  /** Whether the server fails, and not just this request. */
  isForAll?: boolean;
};

const firstRestMs = 1_000;
const longestRestMs = 10_000;
/** A server may ask for more, up to this. */
const longestAskedMs = 30_000;
const rememberedMs = 120_000;
/** So many failures in a row, of anybody, open the circuit. */
const circuitFailures = 5;
const longestOpenMs = 8_000;

export class RefreshBackOff {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #rests: BoundedMap<Rest>;
  #failuresInRow = 0;
  #openUntilMs = 0;

  constructor(clock: Clock = monotonicMs, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
    this.#rests = new BoundedMap<Rest>(10_000, clock);
  }

  /** Why `key` must wait, or null when it may ask now. Asking when the circuit has just closed is for one: the others wait on. */
  findReason(key: string): string | null {
    const atMs = this.#clock();
    const rest = this.#rests.get(key);
    if (rest !== null && rest.untilMs > atMs) return rest.reason;
    if (this.#failuresInRow < circuitFailures) return null;
    if (this.#openUntilMs > atMs) return 'circuit_open';
    this.#openUntilMs = atMs + longestOpenMs;
    return null;
  }

  noteFailure(key: string, reason: string, { askedMs = null, isForAll = true }: Failure = {}): void {
    const atMs = this.#clock();
    const failures = (this.#rests.get(key)?.failures ?? 0) + 1;
    const growing = Math.min(longestRestMs, firstRestMs * 2 ** (failures - 1));
    const restMs = Math.max(growing, Math.min(longestAskedMs, askedMs ?? 0));
    const untilMs = atMs + restMs * (1 + this.#random() / 4);
    this.#rests.set(key, { reason, failures, untilMs }, rememberedMs);
    if (!isForAll) return;
    this.#failuresInRow += 1;
    const openings = Math.floor(this.#failuresInRow / circuitFailures);
    if (openings > 0) this.#openUntilMs = atMs + Math.min(longestOpenMs, firstRestMs * 2 ** openings);
  }

  noteSuccess(key: string): void {
    this.#rests.delete(key);
    this.#failuresInRow = 0;
    this.#openUntilMs = 0;
  }
}
