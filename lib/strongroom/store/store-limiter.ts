/**
 * Counts requests per key and minute, in the store that the instances share. While the store does not
 * respond, this process counts by itself.
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { type Clock, nowMs } from '../base/clock';
import { createMemoryStore } from './memory-store';
import type { Store } from './store';

export type LimiterResult =
  | { kind: 'granted' }
  | {
      kind: 'rate_limited';
      retryAfterSec: number;
      /** The first one in its minute: worth a line in the log. */
      isFirst: boolean;
    };

type Limit = {
  /** Tells this limit's counts from those of others. */
  name: string;
  perMinute: number;
};

const windowMs = 60_000;
const maxExceeded = 10_000;

export class StoreLimiter {
  readonly #store: Pick<Store, 'increment'>;
  readonly #limit: Limit;
  readonly #clock: Clock;
  readonly #ownCounts = createMemoryStore();
  /** Counts of this minute that exceeded the limit, so that further requests cost no trip to the store. */
  readonly #exceeded = new BoundedMap<true>(maxExceeded);

  constructor(store: Pick<Store, 'increment'>, limit: Limit, clock: Clock = nowMs) {
    this.#store = store;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Counts one step of `key`. Never throws. */
  async take(key: string): Promise<LimiterResult> {
    const { name, perMinute } = this.#limit;
    const atMs = this.#clock();
    const leftMs = windowMs - (atMs % windowMs);
    const retryAfterSec = Math.ceil(leftMs / 1000);
    const countKey = `rate:${name}:${key}:${Math.floor(atMs / windowMs)}`;
    if (this.#exceeded.get(countKey)) return { kind: 'rate_limited', retryAfterSec, isFirst: false };
    const count = await this.#store
      .increment(countKey, windowMs)
      .catch(() => this.#ownCounts.increment(countKey, windowMs));
    if (count <= perMinute) return { kind: 'granted' };
    this.#exceeded.set(countKey, true, windowMs);
    return { kind: 'rate_limited', retryAfterSec, isFirst: count === perMinute + 1 };
  }
}
