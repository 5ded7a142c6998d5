/**
 * The store that several instances share: Redis 6 or later, or Valkey. What it holds is sealed or says
 * nothing.
 * @see docs/decisions/0010-redis.md
 */
import 'server-only';
import { connectToRedis } from './redis-connection';
import { createReplicationWait, warnUnlessDurable } from './redis-durability';
import { redisScripts } from './redis-scripts';
import type { Store } from './store';

/** @param prefix before every key: several applications may share one Redis */
export function createRedisStore(url: string, prefix: string): Store {
  const { run, close, ready } = connectToRedis(url);
  const named = (key: string) => prefix + key;
  const evaluate = (script: string, key: string, ...values: (string | number)[]) =>
    run(async (client) =>
      Number(await client.eval(script, { keys: [named(key)], arguments: values.map(String) })),
    );
  const claim = async (key: string, value: string, lifetimeMs: number) => {
    const options = { expiration: expireIn(lifetimeMs), condition: 'NX' } as const;
    return (await run((client) => client.set(named(key), value, options))) !== null;
  };
  void ready.then(() => warnUnlessDurable(run));

  return {
    get: (key) => run((client) => client.get(named(key))),
    getMany: (keys) => run((client) => client.mGet(keys.map(named))),
    async set(key, value, lifetimeMs) {
      await run((client) => client.set(named(key), value, { expiration: expireIn(lifetimeMs) }));
    },
    async raise(key, number, lifetimeMs) {
      await evaluate(redisScripts.raise, key, number, Math.ceil(lifetimeMs));
    },
    claim,
    async delete(key) {
      await run((client) => client.del(named(key)));
    },
    async shorten(key, lifetimeMs) {
      await evaluate(redisScripts.shorten, key, Math.ceil(lifetimeMs));
    },
    increment: (key, lifetimeMs) => evaluate(redisScripts.increment, key, Math.ceil(lifetimeMs)),
    lock: claim,
    renew: async (key, owner, lifetimeMs) =>
      (await evaluate(redisScripts.renew, key, owner, Math.ceil(lifetimeMs))) === 1,
    async unlock(key, owner) {
      await evaluate(redisScripts.unlock, key, owner);
    },
    waitForReplica: createReplicationWait(run),
    isReachable: () =>
      run((client) => client.ping()).then(
        () => true,
        () => false,
      ),
    takesWrites: () =>
      run((client) => client.set(named('readiness'), 'ok', { expiration: expireIn(readinessMs) })).then(
        () => true,
        () => false,
      ),
    close: async () => close(),
  };
}

/** One key, however often its writing is tried. */
const readinessMs = 60_000;

function expireIn(lifetimeMs: number) {
  return { type: 'PX', value: Math.ceil(lifetimeMs) } as const;
}
