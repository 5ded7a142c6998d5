/**
 * The store that several instances share: Redis 6 or later, or Valkey. What it holds is sealed or says
 * nothing. Every command is about one key, so that a cluster takes all of them.
 * @see docs/decisions/0010-redis.md, docs/decisions/0022-sentinel-and-cluster.md
 */
import 'server-only';
import { AppError } from '../base/errors';
import { connectToRedis } from './connect-to-redis';
import type { RedisConnection } from './redis-connection';
import { createReplicatedWrite, warnUnlessDurable } from './redis-durability';
import { redisScripts } from './redis-scripts';
import type { Store } from './store';

/**
 * @param prefix before every key: several applications may share one Redis
 * @param identity certificate and private key (PEM), where Redis asks for them
 */
export function createRedisStore(url: string, prefix: string, identity: string | null = null): Store {
  const connection = connectToRedis(url, identity);
  const { run, spread, close, ready } = connection;
  const named = (key: string) => nameKey(connection, prefix, key);
  const evaluate = (script: string, key: string, ...values: (string | number)[]) =>
    run(named(key), async (client) =>
      Number(await client.eval(script, { keys: [named(key)], arguments: values.map(String) })),
    );
  const claim = async (key: string, value: string, lifetimeMs: number) => {
    const options = { expiration: expireIn(lifetimeMs), condition: 'NX' } as const;
    return (await run(named(key), (client) => client.set(named(key), value, options))) !== null;
  };
  const get = (key: string) => run(named(key), (client) => client.get(named(key)));
  const isDoneByAll = (work: (key: string) => Promise<unknown>) =>
    Promise.all(spread(named('readiness')).map(work)).then(
      () => true,
      () => false,
    );
  const replicate = createReplicatedWrite(connection);
  void ready.then(() => warnUnlessDurable(connection));

  return {
    get,
    getMany: (keys) =>
      connection.isCluster
        ? Promise.all(keys.map(get))
        : run(named(''), (client) => client.mGet(keys.map(named))),
    async set(key, value, lifetimeMs) {
      const options = { expiration: expireIn(lifetimeMs) };
      await run(named(key), (client) => client.set(named(key), value, options));
    },
    async raise(key, number, lifetimeMs) {
      await evaluate(redisScripts.raise, key, number, Math.ceil(lifetimeMs));
    },
    claim,
    async delete(key) {
      await run(named(key), (client) => client.del(named(key)));
    },
    async shorten(key, lifetimeMs) {
      await evaluate(redisScripts.shorten, key, Math.ceil(lifetimeMs));
    },
    increment: (key, lifetimeMs) => evaluate(redisScripts.increment, key, Math.ceil(lifetimeMs)),
    async lock(key, owner, lifetimeMs) {
      // The lock itself, or what its holder wrote, may have been lost with a server: the holder goes first.
      if (!connection.isSettled(named(key)))
        throw new AppError('store_unavailable', { reason: 'store_settling' });
      return claim(key, owner, lifetimeMs);
    },
    renew: async (key, owner, lifetimeMs) =>
      (await evaluate(redisScripts.renew, key, owner, Math.ceil(lifetimeMs))) === 1,
    async unlock(key, owner) {
      await evaluate(redisScripts.unlock, key, owner);
    },
    untilReplicated: (key, write) => replicate(named(key), write),
    isReachable: () => isDoneByAll((key) => run(key, (client) => client.ping())),
    takesWrites: () =>
      isDoneByAll((key) =>
        run(key, (client) => client.set(key, 'ok', { expiration: expireIn(readinessMs) })),
      ),
    close: async () => close(),
  };
}

/**
 * In a cluster the lock of a refresh token is in the slot of its results: a server that is lost takes all of
 * them away, and none of them alone. Elsewhere names stay as they are.
 */
function nameKey({ isCluster }: RedisConnection, prefix: string, key: string): string {
  return prefix + (isCluster ? key.replace(/^(lock|refresh-\w+):(.+)$/s, '$1:{$2}') : key);
}

/** One key, however often its writing is tried. */
const readinessMs = 60_000;

function expireIn(lifetimeMs: number) {
  return { type: 'PX', value: Math.ceil(lifetimeMs) } as const;
}
