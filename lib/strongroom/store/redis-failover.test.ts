/**
 * SE-15: servers that stand in for each other: a primary is killed, another takes its place, and what was
 * confirmed is still there.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisGroup, startRedisCluster, startRedisWithSentinels } from '../../../scripts/redis-group';
import { hasRedis } from '../../../scripts/redis-server';
import { logEvent, logWarning } from '../base/log';
import { closeRedisStores, codeOfFailure, openRedisStore } from '../testing/redis-stores';
import type { Store } from './store';

vi.mock('../base/log', async (load) => ({
  ...(await load<object>()),
  logWarning: vi.fn(),
  logEvent: vi.fn(),
}));

const long = 600_000;
/** The lines about the store as a whole, in their order. */
const stateLines: string[] = [];
beforeEach(() => {
  stateLines.splice(0);
  const note = (event: string) => void (/^store_(lost|back)$/.test(event) && stateLines.push(event));
  vi.mocked(logEvent).mockImplementation(note);
  vi.mocked(logWarning).mockImplementation(note);
});

async function connect(url: string): Promise<Store> {
  const store = openRedisStore(url);
  await expect.poll(() => store.isReachable()).toBe(true);
  return store;
}
afterEach(closeRedisStores);

/** All at once: most of the time, one waits for another. */
const groups = new Map<string, RedisGroup>();
beforeAll(async () => {
  if (!hasRedis()) return;
  const starting = [
    ['Sentinel', startRedisWithSentinels()],
    ['a cluster', startRedisCluster({ hasReplicas: true })],
  ] as const;
  await Promise.all(starting.map(async ([kind, group]) => groups.set(kind, await group)));
});
afterAll(async () => void (await Promise.all([...groups.values()].map((group) => group.close()))));

function groupOf(kind: string): RedisGroup {
  const group = groups.get(kind);
  if (group === undefined) throw new Error(`${kind} was not started.`);
  return group;
}

describe.skipIf(!hasRedis()).each(['Sentinel', 'a cluster'])('SE-15: a fail-over of %s', (kind) => {
  let group: RedisGroup;
  beforeAll(() => {
    group = groupOf(kind);
  });

  it('SE-04, SE-15: loses nothing that a replica confirmed; commands fail until it is over; who starts meanwhile works', async () => {
    const [writer, reader] = [await connect(group.url), await connect(group.url)];
    const [primary] = await group.primaries();
    const key = await findKeyOf(writer, primary);
    const keys = Array.from({ length: 30 }, (_, number) => `revoked:session:${number}`);
    const revoke = (one: string) => writer.untilReplicated(one, () => writer.set(one, 'signed_out', long));
    stateLines.splice(0);
    await Promise.all(keys.map((one) => vi.waitUntil(() => revoke(one), { timeout: 60_000 })));

    // No other server can take its place before the test has seen what happens without any.
    const primaries = await group.primaries();
    const replicas = group.servers.filter((server) => !primaries.includes(server));
    for (const replica of replicas) replica.pause();
    const failing = group.failOver(primary);
    await expect.poll(() => writer.takesWrites()).toBe(false);
    expect(await codeOfFailure(() => writer.set(key, 'late', long))).toBe('store_unavailable');
    expect(await codeOfFailure(() => revoke(key))).toBe('store_unavailable');
    const late = openRedisStore(group.url);
    for (const replica of replicas) replica.resume();
    await failing;

    await expect.poll(() => reader.getMany(keys).catch(() => [])).toEqual(keys.map(() => 'signed_out'));
    await expect.poll(() => late.takesWrites()).toBe(true);
    await expect.poll(() => writer.takesWrites()).toBe(true);
    await expect.poll(() => writer.lock(key, 'another', long).catch(() => null)).not.toBeNull();
    // The loss and the return are a line each, also when this machine stands still for a while.
    const count = (event: string) => stateLines.filter((one) => one === event).length;
    expect([count('store_lost') >= 2, count('store_back') >= count('store_lost')]).toEqual([true, true]);
  });

  async function findKeyOf(store: Store, server: RedisGroup['servers'][number] | undefined): Promise<string> {
    for (let number = 0; ; number += 1) {
      const key = `probe:${number}`;
      await store.set(key, 'here', long);
      if ((await server?.command(`EXISTS test:${key}`))?.startsWith(':1')) return key;
    }
  }
});
