/**
 * Notices that Redis lost everything (a restart without a disk, a flush): a random value that only an empty Redis lacks. Then every instance
 * puts back what it gave, and for a moment nobody gets a lock: others may be in the middle of what they had locked.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { type Clock, nowMs } from '@/lib/base/clock';
import { logWarning } from '@/lib/base/log';
import type { Keepsake, Kept } from './keepsake';
import type { RedisClient } from './redis-connection';
import { redisScripts } from './redis-scripts';

/** Longer than a heartbeat and the renewal of a lock take together. */
const settleMs = 3_000;
const batchSize = 500;

export class RedisEpoch {
  readonly key: string;
  readonly #keepsake: Keepsake;
  readonly #clock: Clock;
  #known: string | null = null;
  #settledAtMs = 0;

  constructor(key: string, keepsake: Keepsake, clock: Clock = nowMs) {
    this.key = key;
    this.#keepsake = keepsake;
    this.#clock = clock;
  }

  get known(): string {
    return this.#known ?? '';
  }

  get isSettling(): boolean {
    return this.#clock() < this.#settledAtMs;
  }

  /** With every heartbeat: adopts the epoch, puts back what was lost, and writes what could not be written. */
  async check(client: RedisClient): Promise<void> {
    const current = (await client.get(this.key)) ?? (await this.#begin(client));
    const isLost = this.#known !== null && this.#known !== current;
    this.#known = current;
    if (isLost) {
      this.#settledAtMs = this.#clock() + settleMs;
      logWarning('store_emptied', { entries: this.#keepsake.size });
    }
    const kept = this.#keepsake.list().filter(({ isWritten }) => isLost || !isWritten);
    for (let start = 0; start < kept.length; start += batchSize)
      await Promise.all(kept.slice(start, start + batchSize).map((entry) => this.#putBack(client, entry)));
  }

  async #begin(client: RedisClient): Promise<string> {
    await client.set(this.key, randomBytes(12).toString('base64url'), { condition: 'NX' });
    return (await client.get(this.key)) ?? '';
  }

  /** What was there before never takes the place of something newer; what nobody has seen yet is new. */
  async #putBack(client: RedisClient, { key, value, lifetimeMs, ...entry }: Kept): Promise<void> {
    const ms = Math.ceil(lifetimeMs);
    const expiration = { type: 'PX', value: ms } as const;
    if (entry.isRaised)
      await client.eval(redisScripts.raise, { keys: [key], arguments: [value, String(ms)] });
    else await client.set(key, value, entry.isWritten ? { expiration, condition: 'NX' } : { expiration });
    this.#keepsake.markWritten(key, value);
  }
}
