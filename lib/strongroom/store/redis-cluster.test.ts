/** SE-15: a cluster whose slots move, whose members go, and one that leads astray. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisGroup, startRedisCluster } from '../../../scripts/redis-group';
import { hasRedis } from '../../../scripts/redis-server';
import { logEvent, logWarning } from '../base/log';
import { closeRedisStores, codeOfFailure, openRedisStore } from '../testing/redis-stores';
import { slotOf } from './key-slot';
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

describe.skipIf(!hasRedis())('SE-15: a cluster', () => {
  let group: RedisGroup;
  beforeAll(async () => {
    group = await startRedisCluster();
  });
  afterAll(() => group.close());

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
    const store = openRedisStore(`redis-cluster://127.0.0.1:${port}`);
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, number) => codeOfFailure(() => store.get(`key${number}`))),
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
