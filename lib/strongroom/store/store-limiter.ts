/**
 * Counts requests per key and minute, in the store that the instances share. While the store does not
 * respond, this process counts by itself.
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { type Clock, nowMs } from '../base/clock';
import { createMemoryStore } from './memory-store';
import type { Store } from './store';

export type LimiterResult = { kind: 'granted' } | RateLimited;

type RateLimited = {
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

  /**
   * Whether this process knows that `key` is over its limit. Costs no trip to the store, and counts nothing.
   */
  findExceeded(key: string): RateLimited | null {
    const { countKey, retryAfterSec } = this.#currentWindow(key);
    const isExceeded = this.#exceeded.get(countKey) === true;
    return isExceeded ? { kind: 'rate_limited', retryAfterSec, isFirst: false } : null;
  }

  /** Counts one step of `key`. Never throws. */
  async take(key: string): Promise<LimiterResult> {
    const exceeded = this.findExceeded(key);
    if (exceeded !== null) return exceeded;
    const { perMinute } = this.#limit;
    const { countKey, retryAfterSec } = this.#currentWindow(key);
    const count = await this.#store
      .increment(countKey, windowMs)
      .catch(() => this.#ownCounts.increment(countKey, windowMs));
    if (count <= perMinute) return { kind: 'granted' };
    this.#exceeded.set(countKey, true, windowMs);
    return { kind: 'rate_limited', retryAfterSec, isFirst: count === perMinute + 1 };
  }

  #currentWindow(key: string): { countKey: string; retryAfterSec: number } {
    const atMs = this.#clock();
    const countKey = `rate:${this.#limit.name}:${key}:${Math.floor(atMs / windowMs)}`;
    return { countKey, retryAfterSec: Math.ceil((windowMs - (atMs % windowMs)) / 1000) };
  }
}
