/**
 * SE-15: Redis slow, down, restarted, full or emptied: nothing hangs, nothing crashes, and the log says what
 * it may cost.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasRedis, type RedisServer, startRedis } from '../../../scripts/redis-server';
import { logWarning, setLogLevel } from '../base/log';
import { appErrorOf } from '../testing/expect-app-error';
import { createRedisStore } from './redis-store';
import type { Store } from './store';

vi.mock('../base/log', async (load) => ({ ...(await load<object>()), logWarning: vi.fn() }));

const long = 600_000;
const isHere = hasRedis();
const warnings = (event: string) => vi.mocked(logWarning).mock.calls.filter(([name]) => name === event);

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
    await expect.poll(() => Promise.all([a.isReachable(), b.isReachable()])).toEqual([true, true]);
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
  });

  const isDown = async (work: () => Promise<unknown>) =>
    (await appErrorOf(work)).code === 'store_unavailable';

  it('SE-15: an instance reads what another one set; another installation does not', async () => {
    await a.set('revoked:x', 'yes', long);
    expect(await b.get('revoked:x')).toBe('yes');
    const other = createRedisStore(redis.url, 'other:');
    expect(await other.get('revoked:x')).toBeNull();
    await other.close();
  });

  it('SE-15: while it is down every call ends in time, and the store recovers', async () => {
    await redis.stop();
    await expect.poll(() => a.isReachable()).toBe(false);
    expect(await isDown(() => a.get('unknown'))).toBe(true);
    expect(await isDown(() => a.getMany(['unknown']))).toBe(true);
    expect(await isDown(() => a.lock('lock:x', 'me', 5_000))).toBe(true);
    expect(await isDown(() => a.set('late', 'yes', long))).toBe(true);
    expect(await isDown(() => a.untilReplicated('late', () => a.set('late', 'yes', long)))).toBe(true);
    await redis.start();
    await expect.poll(() => Promise.all([a.isReachable(), b.isReachable()])).toEqual([true, true]);
    await a.set('after', 'yes', long);
    expect(await b.get('after')).toBe('yes');
  });

  it('SE-15: one that hangs is given up in time, and used again when it responds', async () => {
    redis.pause();
    expect(await isDown(() => a.get('anything'))).toBe(true);
    // From the first that waited in vain, the others do not wait.
    expect(await isDown(() => a.get('anything'))).toBe(true);
    redis.resume();
    await expect.poll(() => a.isReachable()).toBe(true);
    await a.set('after', 'yes', long);
    expect(await b.get('after')).toBe('yes');
  });

  it('RF-03, SE-15: emptied in the middle of a refresh, the holder takes its lock again and no other gets it', async () => {
    expect(await a.lock('lock:rt', 'a', 6_000)).toBe(true);
    await redis.flush();
    expect(await a.renew('lock:rt', 'a', 60_000)).toBe(true);
    expect(await b.lock('lock:rt', 'b', 6_000)).toBe(false);
    await a.unlock('lock:rt', 'a');
    expect(await b.lock('lock:rt', 'b', 6_000)).toBe(true);
  });

  it('RF-03, SE-15: emptied, with another owner holding the lock by now: the first owner learns that it lost it', async () => {
    await a.lock('lock:lost', 'a', 6_000);
    await redis.flush();
    expect(await b.lock('lock:lost', 'b', 60_000)).toBe(true);
    expect(await a.renew('lock:lost', 'a', 60_000)).toBe(false);
  });

  it('SE-15: one that is full can be read, and rejects writes', async () => {
    await a.set('answer:before', 'yes', long);
    await redis.command('CONFIG SET maxmemory 1');
    expect((await appErrorOf(() => a.set('answer:late', 'yes', long))).reason).toBe('store_rejected');
    expect(await a.getMany(['answer:before', 'answer:late'])).toEqual(['yes', null]);
    expect([await a.isReachable(), await a.takesWrites()]).toEqual([true, false]);
    await redis.command('CONFIG SET maxmemory 0');
    expect(await a.takesWrites()).toBe(true);
    await a.set('answer:late', 'yes', long);
    expect(await b.get('answer:late')).toBe('yes');
  });

  it('SE-15: one that is a replica can be read, and rejects writes', async () => {
    await redis.command('REPLICAOF 127.0.0.1 1');
    expect([await a.isReachable(), await a.takesWrites()]).toEqual([true, false]);
    await redis.command('REPLICAOF NO ONE');
    expect(await a.takesWrites()).toBe(true);
  });

  it('SE-15: one that never started counts as down, and closing does not hang', async () => {
    const store = createRedisStore('redis://127.0.0.1:1', 'test:');
    expect(await isDown(() => store.get('x'))).toBe(true);
    expect(await store.isReachable()).toBe(false);
    await store.close();
  });
});

describe.skipIf(!isHere)('SE-15: what Redis keeps when it fails', () => {
  const running: RedisServer[] = [];
  const stores: Store[] = [];
  beforeEach(() => {
    setLogLevel('silent');
    vi.mocked(logWarning).mockClear();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(running.splice(0).map((redis) => redis.close()));
  });

  async function start(...options: string[]): Promise<RedisServer> {
    const redis = await startRedis(options);
    running.push(redis);
    return redis;
  }

  async function connect({ url }: RedisServer): Promise<Store> {
    const store = createRedisStore(url, 'test:');
    stores.push(store);
    await expect.poll(() => store.isReachable()).toBe(true);
    return store;
  }

  it('SE-15: with an append-only file everything is there after a power cut, locks too, and nothing is warned of', async () => {
    const redis = await start('--appendonly', 'yes', '--appendfsync', 'always');
    const store = await connect(redis);
    await store.set('answer:a', 'of a', long);
    await store.raise('revoked:user', 200, long);
    await store.claim('transaction:b', 'used', long);
    await store.lock('lock:rt', 'holder', long);
    await redis.stop();
    await expect.poll(() => store.isReachable()).toBe(false);
    vi.useFakeTimers({ toFake: ['performance'] });
    await redis.start();
    await expect.poll(() => store.isReachable()).toBe(true);
    expect(await store.getMany(['answer:a', 'revoked:user'])).toEqual(['of a', '200']);
    expect(await store.claim('transaction:b', 'used', long)).toBe(false);
    // For a moment none is given at all, so that holders and late writes come first.
    expect((await appErrorOf(() => store.lock('lock:new', 'another', long))).reason).toBe('store_settling');
    expect(await store.renew('lock:lost', 'its holder', long)).toBe(true);
    vi.advanceTimersByTime(3_000);
    vi.useRealTimers();
    expect(await store.lock('lock:rt', 'another', long)).toBe(false);
    expect(await store.lock('lock:lost', 'another', long)).toBe(false);
    expect(warnings('store_not_durable')).toEqual([]);
  });

  it('SE-15: one with neither an append-only file nor a replica is warned of, once', async () => {
    const redis = await start();
    const store = await connect(redis);
    await expect.poll(() => warnings('store_not_durable').length).toBe(1);
    await redis.stop();
    await expect.poll(() => store.isReachable()).toBe(false);
    await redis.start();
    await expect.poll(() => store.isReachable()).toBe(true);
    await store.set('after', 'yes', long);
    expect(warnings('store_not_durable')).toHaveLength(1);
  });

  it('SE-15: one that rejects INFO is used, and its durability is said to be unknown', async () => {
    const redis = await start();
    await redis.command('ACL SETUSER default -info');
    const store = await connect(redis);
    await expect.poll(() => warnings('store_durability_unknown').length).toBe(1);
    expect(await store.untilReplicated('key', () => store.set('key', 'value', long))).toBe(true);
    expect(await store.get('key')).toBe('value');
    expect(warnings('store_not_durable')).toEqual([]);
  });

  it('SE-04, SE-15: one with a replica is asked to wait for it, and the replica has what was written', async () => {
    const primary = await start('--repl-diskless-sync-delay', '0');
    const replica = await start('--replicaof', '127.0.0.1', new URL(primary.url).port);
    await expect.poll(() => primary.command('INFO replication')).toContain('state=online');
    const [store, reader] = [await connect(primary), await connect(replica)];
    await store.set('before', 'yes', long);
    await expect.poll(() => reader.get('before')).toBe('yes');
    const write = () => store.set('revoked:session:1', 'signed_out', long);
    expect(await store.untilReplicated('revoked:session:1', write)).toBe(true);
    expect(await primary.command('INFO commandstats')).toContain('cmdstat_wait:');
    await primary.stop();
    await expect.poll(() => reader.get('revoked:session:1')).toBe('signed_out');
  });

  it('SE-04: one without a replica is not asked to wait', async () => {
    const redis = await start();
    const store = await connect(redis);
    const write = () => store.set('revoked:session:1', 'signed_out', long);
    expect(await store.untilReplicated('revoked:session:1', write)).toBe(true);
    expect(await redis.command('INFO commandstats')).not.toContain('cmdstat_wait:');
  });
});
