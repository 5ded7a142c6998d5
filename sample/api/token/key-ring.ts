/**
 * The authorization server's keys, kept between requests. An unknown key is looked up again at once, so rotation just works;
 * however many forged tokens name unknown keys, one fetch leaves per window. When the server is away, known keys go on verifying.
 */
import type { KeySnapshot, LoadKeys } from './load-keys.ts';
import type { TokenHeader } from './token-header.ts';

export type KeyAnswer =
  | { kind: 'known'; snapshot: KeySnapshot }
  /** Asked just now, and the authorization server has no such key. */
  | { kind: 'unknown' }
  /** The authorization server could not be asked. */
  | { kind: 'unavailable'; retryAfterSec: number };

const minIntervalMs = 1_000;
/** Older keys are still used, and renewed behind the request: this is how a withdrawn key leaves. */
const freshMs = 5 * 60_000;
/** Without any answer for so long, nothing can be trusted any more. */
const usableMs = 24 * 3_600_000;
const retryAfterSec = 5;

export class KeyRing {
  readonly #load: LoadKeys;
  readonly #nowMs: () => number;
  #snapshot: KeySnapshot | null = null;
  #loadedAtMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #isServerAway = false;
  #flight: Promise<void> | null = null;

  constructor(load: LoadKeys, nowMs: () => number) {
    this.#load = load;
    this.#nowMs = nowMs;
  }

  /** Finds a state of the keys in which the token's key is known. Never throws. */
  async find(header: TokenHeader): Promise<KeyAnswer> {
    const ageMs = this.#nowMs() - this.#loadedAtMs;
    if (ageMs > usableMs) this.#snapshot = null;
    if (this.#snapshot && hasKey(this.#snapshot, header)) {
      if (ageMs > freshMs) void this.#refresh();
      return { kind: 'known', snapshot: this.#snapshot };
    }
    await this.#refresh();
    if (this.#snapshot && hasKey(this.#snapshot, header)) return { kind: 'known', snapshot: this.#snapshot };
    return this.#isServerAway ? { kind: 'unavailable', retryAfterSec } : { kind: 'unknown' };
  }

  /** Joins the flight that is under way, starts one, or does nothing within the window after the last start. */
  #refresh(): Promise<void> {
    if (this.#flight) return this.#flight;
    if (this.#nowMs() - this.#askedAtMs < minIntervalMs) return Promise.resolve();
    this.#askedAtMs = this.#nowMs();
    this.#flight = this.#fetchKeys().finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #fetchKeys(): Promise<void> {
    try {
      this.#snapshot = await this.#load();
      this.#loadedAtMs = this.#nowMs();
      this.#isServerAway = false;
    } catch {
      // Keys of an earlier answer stay in use.
      this.#isServerAway = true;
    }
  }
}

/** A token without a key id fits when there is any key; the library refuses it if the choice is not clear. */
function hasKey(snapshot: KeySnapshot, { kid }: TokenHeader): boolean {
  return snapshot.keys.some((key) => kid === undefined || key.kid === kid);
}
