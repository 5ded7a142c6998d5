/**
 * Counts steps per key and minute, in the store that the instances share: what rate-limiter-flexible decides on lib/store.
 * While the store does not answer, this process counts by itself.
 */
import 'server-only';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type Clock, nowMs } from '../base/clock';
import type { Store } from './store';

export type Turn =
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

export class StoreLimiter {
  readonly #limiter: RateLimiterRedis;
  readonly #perMinute: number;

  constructor(store: Store, { name, perMinute }: Limit, clock: Clock = nowMs) {
    const limit = { keyPrefix: name, points: perMinute, duration: windowMs / 1000 };
    this.#perMinute = perMinute;
    this.#limiter = new RateLimiterRedis({
      ...limit,
      storeClient: countIn(store, clock),
      useRedisPackage: true,
      // Who is over the limit costs the store nothing more.
      inMemoryBlockOnConsumed: perMinute + 1,
      insuranceLimiter: new RateLimiterMemory(limit),
    });
  }

  /** Counts one step of `key`. Never throws. */
  async take(key: string): Promise<Turn> {
    try {
      await this.#limiter.consume(key);
      return { kind: 'granted' };
    } catch (rejection) {
      // Whatever else it may be: a limit that is broken keeps nobody out.
      if (!(rejection instanceof RateLimiterRes)) return { kind: 'granted' };
      const retryAfterSec = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000));
      return {
        kind: 'rate_limited',
        retryAfterSec,
        isFirst: rejection.consumedPoints === this.#perMinute + 1,
      };
    }
  }
}

/** The one command of a Redis client that the library counts with, answered by whichever store there is: the count, and milliseconds left. */
function countIn(store: Store, clock: Clock) {
  return {
    eval: async (_script: string, { keys: [key = ''] }: { keys: string[] }): Promise<[number, number]> => {
      const atMs = clock();
      const count = await store.increment(`rate:${key}:${Math.floor(atMs / windowMs)}`, windowMs);
      return [count, windowMs - (atMs % windowMs)];
    },
  };
}
