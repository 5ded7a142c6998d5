/** SE-15: sentinels that are away, were cut off, or name a server that takes no writes. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasRedis, startRedis } from '../../../scripts/redis-server';
import { closeRedisStores, codeOfFailure, openRedisStore } from '../testing/redis-stores';
import type { Store } from './store';

vi.mock('../base/log', async (load) => ({
  ...(await load<object>()),
  logWarning: vi.fn(),
  logEvent: vi.fn(),
}));

const long = 600_000;
async function connect(url: string): Promise<Store> {
  const store = openRedisStore(url);
  await expect.poll(() => store.isReachable()).toBe(true);
  return store;
}
afterEach(closeRedisStores);

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
    const unknown = openRedisStore(`redis-sentinel://${hosts}/other`);
    expect(await codeOfFailure(() => unknown.get('key'))).toBe('store_unavailable');
    await Promise.all([primary.close(), sentinel.close()]);
  });
});

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
    const store = openRedisStore(`redis-sentinel://${hosts.join(',')}/mymaster`);
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
