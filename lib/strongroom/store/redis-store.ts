/** The store that several instances share: Redis 6 or later, or Valkey. What it holds is sealed or says nothing. @see docs/decisions/0010-redis.md */
import 'server-only';
import { type Clock, monotonicMs } from '../base/clock';
import { AppError, findAppError } from '../base/errors';
import { Keepsake } from './keepsake';
import { connectToRedis, type RedisClient } from './redis-connection';
import { RedisEpoch } from './redis-epoch';
import { redisScripts } from './redis-scripts';
import type { Store } from './store';

/** What lives shorter than this is not worth putting back. */
const minKeptMs = 10_000;

/** @param prefix before every key: several applications may share one Redis */
export function createRedisStore(url: string, prefix: string, clock: Clock = monotonicMs): Store {
  // Endings have room of their own: no flood of answers pushes one out.
  const [revocations, rest] = [new Keepsake(clock), new Keepsake(clock)];
  const keepsakeOf = (key: string) => (key.startsWith('revoked:') ? revocations : rest);
  const epoch = new RedisEpoch(`${prefix}epoch`, [revocations, rest], clock);
  const { run, close } = connectToRedis(url, (client, wasAway) => epoch.check(client, wasAway));
  const named = (key: string) => prefix + key;
  const evaluate = (script: string, keys: string[], ...values: (string | number)[]) =>
    run(async (client) => Number(await client.eval(script, { keys, arguments: values.map(String) })));

  async function write(key: string, value: string, lifetimeMs: number, condition?: 'NX'): Promise<boolean> {
    const expiration = { type: 'PX', value: Math.ceil(lifetimeMs) } as const;
    const options = condition === undefined ? { expiration } : { expiration, condition };
    return (await run((client) => client.set(key, value, options))) !== null;
  }

  /** What Redis did not take, or lost, is true all the same. */
  const owedTo = (key: string) => keepsakeOf(key).getOwed(named(key));

  return {
    kind: 'redis',
    get: (key) =>
      run((client) => client.get(named(key)))
        .then((value) => value ?? owedTo(key))
        .catch(recall(() => keepsakeOf(key).get(named(key)))),
    getMany: (keys) =>
      run((client) => client.mGet(keys.map(named)))
        .then((values) => values.map((value, index) => value ?? owedTo(keys[index] ?? '')))
        .catch(
          recall(() => {
            const kept = keys.map((key) => keepsakeOf(key).get(named(key)));
            // What is not known here may be there all the same.
            return kept.every((value) => value !== null) ? kept : null;
          }),
        ),
    async set(key, value, lifetimeMs) {
      const name = named(key);
      if (lifetimeMs >= minKeptMs) keepsakeOf(key).keep(name, value, lifetimeMs);
      await write(name, value, lifetimeMs);
      keepsakeOf(key).markWritten(name, value);
    },
    async raise(key, number, lifetimeMs) {
      const name = named(key);
      keepsakeOf(key).raise(name, number, lifetimeMs);
      await evaluate(redisScripts.raise, [name], number, Math.ceil(lifetimeMs));
      keepsakeOf(key).markWritten(name, String(number));
    },
    async claim(key, value, lifetimeMs) {
      const name = named(key);
      if (!(await write(name, value, lifetimeMs, 'NX'))) return false;
      if (lifetimeMs >= minKeptMs) keepsakeOf(key).keep(name, value, lifetimeMs);
      keepsakeOf(key).markWritten(name, value);
      return true;
    },
    async delete(key) {
      keepsakeOf(key).forget(named(key));
      await run((client) => client.del(named(key)));
    },
    async shorten(key, lifetimeMs) {
      keepsakeOf(key).shorten(named(key), lifetimeMs);
      await evaluate(redisScripts.shorten, [named(key)], Math.ceil(lifetimeMs));
    },
    increment: (key, lifetimeMs) => evaluate(redisScripts.increment, [named(key)], Math.ceil(lifetimeMs)),
    async lock(key, owner, lifetimeMs) {
      if (epoch.isSettling) throw settling();
      const outcome = await evaluate(
        redisScripts.lock,
        [named(key), epoch.key],
        owner,
        lifetimeMs,
        epoch.known,
      );
      if (outcome >= 0) return outcome === 1;
      await run((client: RedisClient) => epoch.check(client));
      throw settling();
    },
    renew: async (key, owner, lifetimeMs) =>
      (await evaluate(redisScripts.renew, [named(key)], owner, lifetimeMs)) === 1,
    async unlock(key, owner) {
      await evaluate(redisScripts.unlock, [named(key)], owner);
    },
    isReachable: () => run((client) => client.ping()).then(yes, no),
    close: async () => close(),
  };
}

const yes = () => true;
const no = () => false;

/** While Redis is away, what this instance gave it is still known here: a session that ended here stays ended here. */
function recall<T>(find: () => T | null): (error: unknown) => T {
  return (error) => {
    const known = findAppError(error)?.code === 'store_unavailable' ? find() : null;
    if (known === null) throw error;
    return known;
  };
}

function settling(): AppError {
  return new AppError('store_unavailable', { reason: 'store_settling' });
}
