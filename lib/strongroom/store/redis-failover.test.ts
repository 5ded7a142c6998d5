/**
 * SE-15: servers that stand in for each other: a primary is killed, another takes its place, and what was
 * confirmed is still there.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisGroup, startRedisCluster, startRedisWithSentinels } from '../../../scripts/redis-group';
import { hasRedis, startRedis } from '../../../scripts/redis-server';
import { logEvent, logWarning } from '../base/log';
import { appErrorOf } from '../testing/expect-app-error';
import { slotOf } from './key-slot';
import { createRedisStore } from './redis-store';
import type { Store } from './store';

vi.mock('../base/log', async (load) => ({
  ...(await load<object>()),
  logWarning: vi.fn(),
  logEvent: vi.fn(),
}));

const long = 600_000;
const codeOf = async (work: () => Promise<unknown>) => (await appErrorOf(work)).code;
/** The lines about the store as a whole, in their order. */
const stateLines: string[] = [];
beforeEach(() => {
  stateLines.splice(0);
  const note = (event: string) => void (/^store_(lost|back)$/.test(event) && stateLines.push(event));
  vi.mocked(logEvent).mockImplementation(note);
  vi.mocked(logWarning).mockImplementation(note);
});

const stores: Store[] = [];
async function connect(url: string): Promise<Store> {
  const store = createRedisStore(url, 'test:');
  stores.push(store);
  await expect.poll(() => store.isReachable()).toBe(true);
  return store;
}
afterEach(async () => void (await Promise.all(stores.splice(0).map((store) => store.close()))));

/** All at once: most of the time, one waits for another. */
const groups = new Map<string, RedisGroup>();
beforeAll(async () => {
  if (!hasRedis()) return;
  const starting = [
    ['Sentinel', startRedisWithSentinels()],
    ['a cluster', startRedisCluster({ hasReplicas: true })],
    ['three primaries', startRedisCluster()],
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
    expect(await codeOf(() => writer.set(key, 'late', long))).toBe('store_unavailable');
    expect(await codeOf(() => revoke(key))).toBe('store_unavailable');
    const late = createRedisStore(group.url, 'test:');
    stores.push(late);
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

describe.skipIf(!hasRedis())('SE-15: Sentinel', () => {
  it('asks the next sentinel when the first does not respond, and signs in there with its own password', async () => {
    const primary = await startRedis();
    const settings = `sentinel monitor mymaster 127.0.0.1 ${new URL(primary.url).port} 1\n`;
    const sentinel = await startRedis(['--sentinel'], { settings });
    await sentinel.command('ACL SETUSER asker on >redis-password +@all ~* &*');
    await primary.command('ACL SETUSER app on >other-password ~* &* +@all');
    const hosts = `127.0.0.1:9,${new URL(sentinel.url).host}`;
    const query = 'sentinel_user=asker&sentinel_password=redis-password';
    const store = await connect(`redis-sentinel://app:other-password@${hosts}/mymaster/1?${query}`);
    await store.set('key', 'value', long);
    // In the database of that number.
    expect(await primary.command('INFO keyspace')).toContain('db1:keys=1');
    const unknown = createRedisStore(`redis-sentinel://${hosts}/other`, 'test:');
    stores.push(unknown);
    expect(await codeOf(() => unknown.get('key'))).toBe('store_unavailable');
    await Promise.all([primary.close(), sentinel.close()]);
  });
});

describe.skipIf(!hasRedis())('SE-15: a cluster', () => {
  let group: RedisGroup;
  beforeAll(() => {
    group = groupOf('three primaries');
  });

  it('has each key where Redis looks for it', async () => {
    for (const key of ['a', 'test:lock:{x}', 'ä{}', 'rate:{', 'b'.repeat(500)])
      expect(await group.servers[0]?.command(`CLUSTER KEYSLOT ${key}`)).toBe(`:${slotOf(key)}\r\n`);
  });

  it('RF-03: keeps lock and results of one refresh token in one slot', async () => {
    const store = await connect(group.url);
    await store.lock('lock:abc', 'me', long);
    await store.set('refresh-result:abc', 'sealed', long);
    const names = ['test:lock:{abc}', 'test:refresh-result:{abc}'];
    const kept = await Promise.all(
      group.servers.map((server) => server.command(`EXISTS ${names.join(' ')}`)),
    );
    expect(kept.filter((reply) => reply === ':2\r\n')).toHaveLength(1);
  });

  it('SE-15: follows a slot while it moves and after it has moved', async () => {
    const store = await connect(group.url);
    await store.set('moving', 'before', long);
    const slot = slotOf('test:moving');
    const from = group.servers[Math.floor(slot / 5_461.34)];
    const to = group.servers.find((server) => server !== from);
    const [idFrom, idTo] = [await idOf(from), await idOf(to)];
    await to?.command(`CLUSTER SETSLOT ${slot} IMPORTING ${idFrom}`);
    await from?.command(`CLUSTER SETSLOT ${slot} MIGRATING ${idTo}`);
    // The server that gives the slot away has this key no more: it says ASK.
    await store.delete('moving');
    await store.set('moving', 'meanwhile', long);
    expect(await store.get('moving')).toBe('meanwhile');
    expect(await from?.command('EXISTS test:moving')).toMatch(/^-ASK/);
    for (const server of [to, from]) await server?.command(`CLUSTER SETSLOT ${slot} NODE ${idTo}`);
    // Now it says MOVED.
    expect(await store.get('moving')).toBe('meanwhile');
    expect(await store.increment('moving:count', long)).toBe(1);
    expect(stateLines).not.toContain('store_lost');
  });

  it('SE-15: keys of other primaries are served while one is away', async () => {
    const store = await connect(group.url);
    for (const server of group.servers) await server.command('CONFIG SET cluster-require-full-coverage no');
    const [lost] = group.servers;
    const keys = Array.from({ length: 50 }, (_, number) => `spread:${number}`);
    await Promise.all(keys.map((key) => store.set(key, 'value', long)));
    await lost?.stop();
    await expect.poll(() => store.isReachable()).toBe(false);
    const values = await Promise.all(keys.map((key) => store.get(key).catch(() => 'away')));
    expect(new Set(values)).toEqual(new Set(['value', 'away']));
    await lost?.start();
    await expect.poll(() => store.takesWrites()).toBe(true);
  });

  async function idOf(server: RedisGroup['servers'][number] | undefined): Promise<string> {
    return /\r\n(\w{40})/.exec((await server?.command('CLUSTER MYID')) ?? '')?.[1] ?? '';
  }
});

describe('a member of a cluster that leads to ever more addresses', () => {
  it('SE-15: gets no more connections for that than the cluster has members', async () => {
    const { server, highest } = await startLeadingAstray();
    const { port } = server.address() as AddressInfo;
    const store = createRedisStore(`redis-cluster://127.0.0.1:${port}`, 'test:');
    stores.push(store);
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, number) => codeOf(() => store.get(`key${number}`))),
    );
    expect(new Set(codes)).toEqual(new Set(['store_unavailable']));
    // The member of the map, one stranger, and one that asks for the map again.
    expect(highest()).toBeLessThanOrEqual(3);
    server.close();
  });
});

/** A cluster of one, which says of each key that another one has it: itself, in other letters. */
async function startLeadingAstray(): Promise<{ server: Server; highest: () => number }> {
  const state = { asked: 0, highest: 0, names: 0 };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
    state.highest = Math.max(state.highest, open.size);
    const { port } = server.address() as AddressInfo;
    const map = `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:${port}\r\n$1\r\na\r\n`;
    const reply = (name: string): string => {
      if (name === 'PING') return '+PONG\r\n';
      if (name === 'GET') return `-MOVED 1 ${inLetters(state.names++)}:${port}\r\n`;
      // Asked again, it is silent: what it led to is dropped by no newer map.
      return name === 'CLUSTER' ? (state.asked++ === 0 ? map : '') : '+OK\r\n';
    };
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(reply(name));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, highest: () => state.highest };
}

const inLetters = (number: number) =>
  [...'localhost'].map((letter, at) => ((number >> at) & 1 ? letter.toUpperCase() : letter)).join('');

/** Names the port that it is given, as a sentinel that was cut off from the others goes on doing. */
async function startStaleSentinel(port: string): Promise<Server> {
  const named = `*2\r\n$9\r\n127.0.0.1\r\n$${port.length}\r\n${port}\r\n`;
  const replies: Record<string, string> = { SENTINEL: named, PING: '+PONG\r\n' };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(replies[name] ?? '+OK\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.skipIf(!hasRedis())('a sentinel that was cut off and names the primary of before', () => {
  it('RF-03: is outvoted by the others, so that two instances do not both get one lock', async () => {
    const [former, current] = await Promise.all([startRedis(), startRedis()]);
    const portOf = (url: string) => new URL(url).port;
    const sentinels = await Promise.all(
      [former, current, current].map(({ url }) => startStaleSentinel(portOf(url))),
    );
    const hosts = sentinels.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const orders = [hosts, hosts.toReversed(), [...hosts.slice(1), ...hosts.slice(0, 1)]];
    const instances = await Promise.all(
      orders.map((order) => connect(`redis-sentinel://${order.join(',')}/mymaster`)),
    );
    const taken = await Promise.all(instances.map((store) => store.lock('lock', crypto.randomUUID(), long)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await former.command('DBSIZE')).toBe(':0\r\n');
    await Promise.all([former, current].map((redis) => redis.close()));
    for (const server of sentinels) server.close();
  });
});

describe.skipIf(!hasRedis())('a sentinel that names a replica', () => {
  it('SE-15: is left for another one when the replica takes no writes', async () => {
    const primary = await startRedis();
    const portOf = (url: string) => new URL(url).port;
    const replica = await startRedis(['--replicaof', '127.0.0.1', portOf(primary.url)]);
    const sentinels = await Promise.all([replica, primary].map(({ url }) => startStaleSentinel(portOf(url))));
    const hosts = sentinels.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const store = createRedisStore(`redis-sentinel://${hosts.join(',')}/mymaster`, 'test:');
    stores.push(store);
    const writes = () =>
      store.set('key', 'value', long).then(
        () => 'written',
        () => 'rejected',
      );
    await expect.poll(writes).toBe('written');
    await Promise.all([primary, replica].map((redis) => redis.close()));
    for (const server of sentinels) server.close();
  });
});
