/** Connects to what REDIS_URL names. */
import 'server-only';
import { parseRedisAddress, type RedisAddress } from '../config/redis-address';
import { connectToCluster } from './redis-cluster';
import { type RedisConnection, toRejection } from './redis-connection';
import { connectToNode, type KnownRedis } from './redis-node';
import { connectThroughSentinels } from './redis-sentinel';
import { watchStore } from './store-watch';

const connectTo: Readonly<Record<RedisAddress['kind'], (address: KnownRedis) => RedisConnection>> = {
  single: connectToSingle,
  sentinel: connectThroughSentinels,
  cluster: connectToCluster,
};

/** In the background, and goes on trying. */
export function connectToRedis(url: string, identity: string | null): RedisConnection {
  const address = { ...parseRedisAddress(url), identity };
  return connectTo[address.kind](address);
}

/** One address: also that of a managed Redis, which leads to another server after a fail-over. */
function connectToSingle({ hosts: [host], ...shared }: KnownRedis): RedisConnection {
  const node = connectToNode({ ...shared, host: '', port: 0, ...host }, watchStore());
  return {
    run: (_key, command) =>
      node.run(command).catch((error: unknown) => {
        throw toRejection(error);
      }),
    spread: (key) => [key],
    line: node.line,
    isSettled: node.isSettled,
    isCluster: false,
    ready: node.ready,
    close: node.close,
  };
}
