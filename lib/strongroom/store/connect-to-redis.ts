/** Connects to what REDIS_URL names. */
import 'server-only';
import { parseRedisAddress, type RedisAddress } from '../config/redis-address';
import { connectToCluster } from './redis-cluster';
import type { RedisConnection } from './redis-connection';
import { connectThroughSentinels } from './redis-sentinel';
import { connectToSingle } from './redis-single';

const connectTo: Readonly<Record<RedisAddress['kind'], (address: RedisAddress) => RedisConnection>> = {
  single: connectToSingle,
  sentinel: connectThroughSentinels,
  cluster: connectToCluster,
};

/** In the background, and goes on trying. */
export function connectToRedis(url: string): RedisConnection {
  const address = parseRedisAddress(url);
  return connectTo[address.kind](address);
}
