/** SE-15: Redis slow, down, restarted or emptied: nothing hangs, nothing crashes, and what must not be lost is put back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasRedis, type RedisServer, startRedis } from '../../../scripts/redis-server';
import { setLogLevel } from '../base/log';
import { appErrorOf } from '../testing/expect-app-error';
import { createRedisStore } from './redis-store';
import type { Store } from './store';

const long = 600_000;
const isHere = hasRedis();
const patience = { timeout: 20_000 };

describe.skipIf(!isHere)('SE-15: several instances and one Redis', () => {
  let redis: RedisServer;
  let a: Store;
  let b: Store;
  beforeAll(async () => {
    setLogLevel('silent');
    redis = await startRedis();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    a = createRedisStore(redis.url, 'test:');
    b = createRedisStore(redis.url, 'test:');
    await expect.poll(() => Promise.all([a.isReachable(), b.isReachable()]), patience).toEqual([true, true]);
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
  });

  const isDown = async (work: () => Promise<unknown>) =>
    (await appErrorOf(work)).code === 'store_unavailable';

  it('SE-15: what one sets, the other gets; another installation does not', async () => {
    await a.set('revoked:x', 'yes', long);
    expect(await b.get('revoked:x')).toBe('yes');
    const other = createRedisStore(redis.url, 'other:');
    expect(await other.get('revoked:x')).toBeNull();
    await other.close();
  });

  it('SE-15: while it is down every call ends in time, what this instance ended is known, and it recovers', async () => {
    await a.set('revoked:down', 'yes', long);
    await redis.stop();
    await expect.poll(() => a.isReachable(), patience).toBe(false);
    expect(await isDown(() => a.get('unknown'))).toBe(true);
    expect(await isDown(() => a.lock('lock:x', 'me', 5_000))).toBe(true);
    expect(await isDown(() => a.set('revoked:late', 'yes', long))).toBe(true);
    expect(await a.get('revoked:down')).toBe('yes');
    expect(await a.getMany(['revoked:late', 'revoked:down'])).toEqual(['yes', 'yes']);
    expect(await isDown(() => a.getMany(['revoked:late', 'unknown']))).toBe(true);
    await redis.start();
    // Written and unwritten alike: the new Redis is empty.
    await expect.poll(() => b.get('revoked:down').catch(() => null), patience).toBe('yes');
    await expect.poll(() => b.get('revoked:late').catch(() => null), patience).toBe('yes');
  });

  it('SE-15: one that hangs is given up in time, and used again when it answers', async () => {
    redis.pause();
    expect(await isDown(() => a.get('anything'))).toBe(true);
    // From the first that waited in vain, the others do not wait.
    expect(await isDown(() => a.get('anything'))).toBe(true);
    redis.resume();
    await expect.poll(() => a.isReachable(), patience).toBe(true);
    await a.set('after', 'yes', long);
    expect(await b.get('after')).toBe('yes');
  });

  it('SE-15: emptied in the middle, each instance puts back what it gave', async () => {
    await a.set('answer:a', 'of a', long);
    await b.claim('transaction:b', 'of b', long);
    await a.raise('revoked:person', 100, long);
    await b.raise('revoked:person', 200, long);
    await a.raise('revoked:person', 150, long);
    await b.set('short-lived', 'x', 5_000);
    await redis.flush();
    await expect.poll(() => b.get('answer:a'), patience).toBe('of a');
    await expect.poll(() => a.get('transaction:b'), patience).toBe('of b');
    await expect.poll(() => a.get('revoked:person'), patience).toBe('200');
    expect(await a.get('short-lived')).toBeNull();
  });

  it('RF-03, SE-15: emptied in the middle of a refresh, nobody else gets its lock', async () => {
    expect(await a.lock('lock:rt', 'a', 6_000)).toBe(true);
    await redis.flush();
    const error = await appErrorOf(() => b.lock('lock:rt', 'b', 6_000));
    expect([error.code, error.reason]).toEqual(['store_unavailable', 'store_settling']);
    expect(await a.renew('lock:rt', 'a', 60_000)).toBe(true);
    await expect.poll(() => b.lock('lock:rt', 'b', 6_000).catch(() => 'settling'), patience).toBe(false);
    await a.unlock('lock:rt', 'a');
    expect(await b.lock('lock:rt', 'b', 6_000)).toBe(true);
  });

  it('RF-03, SE-15: after an outage nobody gets a lock at once: whoever had it may still be at work', async () => {
    await a.lock('lock:slow', 'a', 500);
    redis.pause();
    await expect.poll(() => b.isReachable(), patience).toBe(false);
    redis.resume();
    await expect.poll(() => b.isReachable(), patience).toBe(true);
    expect((await appErrorOf(() => b.lock('lock:slow', 'b', 6_000))).reason).toBe('store_settling');
    await expect.poll(() => a.renew('lock:slow', 'a', 60_000).catch(() => null), patience).toBe(true);
    await expect.poll(() => b.lock('lock:slow', 'b', 6_000).catch(() => null), patience).toBe(false);
  });

  it('SE-15: one that is full can be read, and what it did not take is known here until it does', async () => {
    await a.set('answer:before', 'yes', long);
    await redis.command('CONFIG SET maxmemory 1');
    expect((await appErrorOf(() => a.set('answer:late', 'yes', long))).reason).toBe('store_rejected');
    expect(await a.get('answer:before')).toBe('yes');
    expect(await a.getMany(['answer:late', 'answer:none'])).toEqual(['yes', null]);
    expect(await a.isReachable()).toBe(true);
    await redis.command('CONFIG SET maxmemory 0');
    await expect.poll(() => b.get('answer:late'), patience).toBe('yes');
  });

  it('SE-15: one that was never there is down, and closing does not hang', async () => {
    const store = createRedisStore('redis://127.0.0.1:1', 'test:');
    expect(await isDown(() => store.get('x'))).toBe(true);
    expect(await store.isReachable()).toBe(false);
    await store.close();
  });
});
