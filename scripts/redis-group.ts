/**
 * Several real Redis servers that stand in for each other, on loopback: one primary with its replica behind
 * three sentinels, or a cluster of three primaries. For tests and benches, which kill a primary and wait until
 * another server has taken its place.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePorts } from './ports.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

export type RedisGroup = {
  /** As REDIS_URL names it. */
  url: string;
  servers: readonly RedisServer[];
  /** Those that take writes now. */
  primaries(): Promise<RedisServer[]>;
  /** Kills a primary and waits until another server has taken its place. */
  failOver(primary?: RedisServer): Promise<void>;
  /** Starts what was killed again, as a replica, and waits until it has everything. */
  heal(): Promise<void>;
  close(): Promise<void>;
};

/** Short, for a fail-over of seconds; and longer than a busy machine stands still. */
const silenceMs = 2_000;
const fastSync = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
const primaryName = 'mymaster';

/** One primary, one replica, three sentinels. */
export async function startRedisWithSentinels(options: readonly string[] = []): Promise<RedisGroup> {
  const primary = await startRedis([...fastSync, ...options]);
  const replica = await startRedis([...fastSync, ...options, ...replicaOf(primary)]);
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(primary)));
  const servers = [primary, replica];
  const killed = new Set<RedisServer>();
  const named = async () => {
    const reply = await sentinels[0]?.command(`SENTINEL GET-MASTER-ADDR-BY-NAME ${primaryName}`);
    return servers.find(({ url }) => reply?.includes(`\r\n${portOf(url)}\r\n`));
  };
  const isWhole = async () =>
    (await Promise.all(sentinels.map((sentinel) => isReady(sentinel)))).every(Boolean);
  const group: RedisGroup = {
    url: `redis-sentinel://${sentinels.map(({ url }) => new URL(url).host).join(',')}/${primaryName}`,
    servers,
    primaries: async () => [await named()].filter((server) => server !== undefined),
    async failOver() {
      const former = await named();
      if (former === undefined) throw new Error('The sentinels name no server of this group.');
      await former.stop();
      killed.add(former);
      await until('another primary', async () => ![undefined, former].includes(await named()));
    },
    async heal() {
      const [current] = await group.primaries();
      if (current === undefined) throw new Error('There is no primary to follow.');
      for (const server of killed) await server.start(replicaOf(current));
      killed.clear();
      await until('its replica', async () => (await current.command('INFO replication')).includes('online'));
      await until('the sentinels', isWhole);
    },
    close: async () => void (await Promise.all([...servers, ...sentinels].map((one) => one.close()))),
  };
  await until('its replica', async () => (await primary.command('INFO replication')).includes('online'));
  await until('the sentinels', isWhole);
  return group;
}

/** Three sentinels see each other, and the replica is there for a fail-over. */
async function isReady(sentinel: RedisServer): Promise<boolean> {
  const quorum = await sentinel.command(`SENTINEL CKQUORUM ${primaryName}`);
  const replicas = await sentinel.command(`SENTINEL REPLICAS ${primaryName}`);
  return quorum.startsWith('+OK 3 ') && /\r\nslave\r\n/.test(replicas) && replicas.includes('\r\nok\r\n');
}

/** It writes into its file of settings. */
function startSentinel(primary: RedisServer): Promise<RedisServer> {
  const lines = [
    `sentinel monitor ${primaryName} 127.0.0.1 ${portOf(primary.url)} 2`,
    `sentinel down-after-milliseconds ${primaryName} ${silenceMs}`,
    `sentinel failover-timeout ${primaryName} 3000`,
  ];
  return startRedis(['--sentinel'], { settings: `${lines.join('\n')}\n` });
}

/** Three primaries that share the slots, each with a replica if asked for. */
export async function startRedisCluster({ hasReplicas = false } = {}): Promise<RedisGroup> {
  const servers = await Promise.all(
    Array.from({ length: hasReplicas ? 6 : 3 }, () => startMember(hasReplicas)),
  );
  const killed = new Set<RedisServer>();
  const alive = () => servers.filter((server) => !killed.has(server));
  const primaries = () => filterAsync(alive(), async (one) => (await one.command('ROLE')).includes('master'));
  await joinMembers(servers);
  return {
    url: `redis-cluster://${servers
      .slice(0, 3)
      .map(({ url }) => new URL(url).host)
      .join(',')}`,
    servers,
    primaries,
    async failOver(chosen) {
      const primary = chosen ?? (await primaries())[0];
      if (primary === undefined) throw new Error('There is no primary.');
      await primary.stop();
      killed.add(primary);
      await until('three primaries', async () => (await primaries()).length === 3);
      await untilWhole(alive());
    },
    async heal() {
      for (const server of killed) await server.start();
      killed.clear();
      await untilWhole(servers);
      await untilFollowed(await primaries());
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

/** Where no other could take its place, a member may stand still for as long as it likes. */
async function startMember(hasReplicas: boolean): Promise<RedisServer> {
  // Its other port would be 10,000 higher by default, where connections of other tests may be.
  const [port = 0] = await findFreePorts(1);
  const timeoutMs = hasReplicas ? silenceMs : 60_000;
  const timeout = ['--cluster-node-timeout', String(timeoutMs), '--cluster-replica-validity-factor', '0'];
  return startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(port), ...timeout, ...fastSync]);
}

async function joinMembers(servers: readonly RedisServer[]): Promise<void> {
  const shares = ['0 5460', '5461 10922', '10923 16383'];
  const [first] = servers;
  for (const [index, server] of servers.entries()) {
    if (index < shares.length) await server.command(`CLUSTER ADDSLOTSRANGE ${shares[index]}`);
    await server.command(`CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    await first?.command(`CLUSTER MEET 127.0.0.1 ${portOf(server.url)} ${await busPortOf(server)}`);
  }
  await until('all members', async () =>
    everyAsync(servers, async (server) =>
      (await server.command('CLUSTER INFO')).includes(`cluster_known_nodes:${servers.length}\r`),
    ),
  );
  const replicas = servers.slice(shares.length);
  for (const [index, replica] of replicas.entries()) {
    const id = /\r\n(\w{40})/.exec((await servers[index]?.command('CLUSTER MYID')) ?? '')?.[1];
    await until('its primary', async () =>
      (await replica.command(`CLUSTER REPLICATE ${id}`)).startsWith('+OK'),
    );
  }
  await untilWhole(servers);
  if (replicas.length > 0) await untilFollowed(servers.slice(0, shares.length));
}

async function busPortOf(server: RedisServer): Promise<string> {
  return /cluster-port\r\n\$\d+\r\n(\d+)/.exec(await server.command('CONFIG GET cluster-port'))?.[1] ?? '';
}

function untilWhole(servers: readonly RedisServer[]): Promise<void> {
  return until('a whole cluster', () =>
    everyAsync(servers, async (server) =>
      (await server.command('CLUSTER INFO')).includes('cluster_state:ok'),
    ),
  );
}

function untilFollowed(primaries: readonly RedisServer[]): Promise<void> {
  return until('its replicas', () =>
    everyAsync(primaries, async (server) =>
      (await server.command('INFO replication')).includes('state=online'),
    ),
  );
}

const replicaOf = ({ url }: RedisServer) => ['--replicaof', '127.0.0.1', portOf(url)];

function portOf(url: string): string {
  return new URL(url).port;
}

async function everyAsync<T>(all: readonly T[], test: (one: T) => Promise<boolean>): Promise<boolean> {
  return (await filterAsync(all, test)).length === all.length;
}

async function filterAsync<T>(all: readonly T[], test: (one: T) => Promise<boolean>): Promise<T[]> {
  const results = await Promise.all(all.map((one) => test(one).catch(() => false)));
  return all.filter((_one, index) => results[index]);
}

/** For two minutes at most: only the slowest machine needs more than a few seconds. */
async function until(what: string, test: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 120_000;
  while (!(await test().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`This Redis has waited in vain for ${what}.`);
    await pause(50);
  }
}
