import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store';
import { StoreLimiter } from './store-limiter';

const limit = { name: 'test', perMinute: 3 };
const noonMs = Date.UTC(2026, 2, 12, 12);

function watchedStore() {
  const { increment } = createMemoryStore();
  const store = {
    trips: 0,
    increment: (key: string, lifetimeMs: number) => {
      store.trips += 1;
      return increment(key, lifetimeMs);
    },
  };
  return store;
}

function createLimiter() {
  let atMs = Date.now() - (Date.now() % 60_000) + 15_000;
  const store = createMemoryStore(() => atMs);
  const limiter = new StoreLimiter(store, limit, () => atMs);
  const another = new StoreLimiter(store, limit, () => atMs);
  const passSec = (seconds: number) => {
    atMs += seconds * 1000;
  };
  return { limiter, another, passSec };
}

describe('a limit on the store', () => {
  it('RL-01: grants so many a minute, says when the next minute begins, and counts each key by itself', async () => {
    const { limiter } = createLimiter();
    for (let step = 0; step < 3; step += 1) expect(await limiter.take('a')).toEqual({ kind: 'granted' });
    expect(await limiter.take('a')).toEqual({ kind: 'rate_limited', retryAfterSec: 45, isFirst: true });
    expect(await limiter.take('a')).toMatchObject({ kind: 'rate_limited', isFirst: false });
    expect(await limiter.take('b')).toEqual({ kind: 'granted' });
  });

  it('RL-01: instances that share the store count together', async () => {
    const { limiter, another } = createLimiter();
    for (const one of [limiter, another, limiter]) expect(await one.take('a')).toEqual({ kind: 'granted' });
    expect(await another.take('a')).toMatchObject({ kind: 'rate_limited' });
  });

  it('RL-01: the next minute starts from zero', async () => {
    const { limiter, another, passSec } = createLimiter();
    for (let step = 0; step < 3; step += 1) await limiter.take('a');
    passSec(45);
    expect(await another.take('a')).toEqual({ kind: 'granted' });
  });

  it('RL-06: whether a key is known to be beyond its limit is told without counting', async () => {
    const store = watchedStore();
    const limiter = new StoreLimiter(store, limit, () => noonMs);
    for (let step = 0; step < 3; step += 1) await limiter.take('a');
    expect([limiter.findExceeded('a'), store.trips]).toEqual([null, 3]);
    await limiter.take('a');
    expect([limiter.findExceeded('a')?.kind, limiter.findExceeded('b'), store.trips]).toEqual([
      'rate_limited',
      null,
      4,
    ]);
  });

  it('RL-01: a key beyond its limit costs no further trip to the store in that minute', async () => {
    const store = watchedStore();
    const limiter = new StoreLimiter(store, limit, () => noonMs);
    for (let step = 0; step < 100; step += 1) await limiter.take('a');
    expect(store.trips).toBe(4);
    await limiter.take('b');
    expect(store.trips).toBe(5);
  });

  it('SE-15, RL-01: while the store is away this process counts by itself, and no user is rejected for it', async () => {
    const store = { increment: () => Promise.reject(new Error('away')) };
    const limiter = new StoreLimiter(store, limit, () => noonMs);
    for (let step = 0; step < 3; step += 1) expect(await limiter.take('a')).toEqual({ kind: 'granted' });
    expect(await limiter.take('a')).toMatchObject({ kind: 'rate_limited' });
  });
});
