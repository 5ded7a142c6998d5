/** One Redis with one address: also a managed one, whose address leads to another server after a fail-over. */
import 'server-only';
import type { RedisAddress } from '../config/redis-address';
import { type RedisConnection, toRejection } from './redis-connection';
import { connectToNode } from './redis-node';
import { watchStore } from './store-watch';

export function connectToSingle({ hosts: [host], ...shared }: RedisAddress): RedisConnection {
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
