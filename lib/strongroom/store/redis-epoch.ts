/**
 * Notices that Redis lost everything (a restart without a disk, a flush): a random value that only an empty Redis lacks. Then every instance
 * puts back what it gave, and for a moment nobody gets a lock: others may be in the middle of what they had locked.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { type Clock, monotonicMs } from '../base/clock';
import { logWarning } from '../base/log';
import type { Keepsake, Kept } from './keepsake';
import type { RedisClient } from './redis-connection';
import { redisScripts } from './redis-scripts';

/** Longer than everybody takes to connect again, to notice, and to renew a lock. */
const settleMs = 6_000;
const batchSize = 500;

export class RedisEpoch {
  readonly key: string;
  readonly #keepsakes: readonly Keepsake[];
  readonly #clock: Clock;
  #known: string | null = null;
  #settledAtMs = 0;

  constructor(key: string, keepsakes: readonly Keepsake[], clock: Clock = monotonicMs) {
    this.key = key;
    this.#keepsakes = keepsakes;
    this.#clock = clock;
  }

  get known(): string {
    return this.#known ?? '';
  }

  get isSettling(): boolean {
    return this.#clock() < this.#settledAtMs;
  }

  /**
   * With every heartbeat: adopts the epoch, and writes what the store should have and has not.
   * @param wasAway the connection is new: locks may have ended meanwhile whose holders are still at work
   */
  async check(client: RedisClient, wasAway = false): Promise<void> {
    const current = (await client.get(this.key)) ?? (await this.#begin(client));
    const isLost = this.#known !== null && this.#known !== current;
    this.#known = current;
    if (isLost || wasAway) this.#settledAtMs = this.#clock() + settleMs;
    if (isLost) {
      for (const keepsake of this.#keepsakes) keepsake.markAllLost();
      logWarning('store_emptied', { entries: this.#keepsakes.reduce((sum, { size }) => sum + size, 0) });
    }
    for (const keepsake of this.#keepsakes) await this.#pay(client, keepsake);
  }

  async #begin(client: RedisClient): Promise<string> {
    await client.set(this.key, randomBytes(12).toString('base64url'), { condition: 'NX' });
    return (await client.get(this.key)) ?? '';
  }

  async #pay(client: RedisClient, keepsake: Keepsake): Promise<void> {
    const owed = keepsake.listOwed();
    for (let start = 0; start < owed.length; start += batchSize) {
      const batch = owed.slice(start, start + batchSize);
      const paid = await Promise.allSettled(batch.map((entry) => putBack(client, entry)));
      for (const [index, { key, value }] of batch.entries())
        if (paid[index]?.status === 'fulfilled') keepsake.markWritten(key, value);
      // A Redis that answers and says no (it is full) can still be read: what it did not take stays owed.
      if (!client.isReady) return;
    }
  }
}

/** What was there before never takes the place of something newer; what nobody has seen yet is new. */
async function putBack(
  client: RedisClient,
  { key, value, lifetimeMs, state, isRaised }: Kept,
): Promise<void> {
  const ms = Math.ceil(lifetimeMs);
  const expiration = { type: 'PX', value: ms } as const;
  if (isRaised) await client.eval(redisScripts.raise, { keys: [key], arguments: [value, String(ms)] });
  else await client.set(key, value, state === 'lost' ? { expiration, condition: 'NX' } : { expiration });
}
