/**
 * The primary that most of the sentinels name. They are asked once a second, so that a fail-over is followed
 * whether or not the primary of before still responds; while none responds, the known primary is used.
 * @see Guidelines for Redis clients with support for Redis Sentinel
 */
import 'server-only';
import { waitAtMost } from '../base/deadline';
import { AppError } from '../base/errors';
import type { RedisHost } from '../config/redis-address';
import { type RedisConnection, toRejection } from './redis-connection';
import { connectMs, connectToNode, type KnownRedis, nameOf, type RedisNode } from './redis-node';
import { watchStore } from './store-watch';

const askMs = 1_000;
/** In the log, sentinels count as a part of the store only until they have named a primary. */
const sentinels = 'sentinels';

export function connectThroughSentinels(address: KnownRedis): RedisConnection {
  const watch = watchStore();
  const first = Promise.withResolvers<void>();
  const { ask, askAnother, stop } = askSentinels(address);
  const state = { isFollowing: false, isClosed: false };
  let primary: RedisNode | null = null;
  let lastError: unknown;
  watch.expect(sentinels);

  function use(host: RedisHost): void {
    const former = primary;
    if (state.isClosed || former?.name === nameOf(host)) return;
    watch.expect(nameOf(host));
    primary = connectToNode({ ...address, ...host }, watch, { isReplacement: former !== null });
    primary.ready.then(first.resolve);
    former?.close();
    for (const name of [former?.name ?? '', sentinels]) watch.forget(name);
  }

  async function follow(): Promise<void> {
    if (state.isFollowing) return;
    state.isFollowing = true;
    try {
      use(await ask());
    } catch (error) {
      lastError = error;
      if (primary === null) watch.lost(sentinels, 'store_connection', error);
    } finally {
      state.isFollowing = false;
    }
  }

  const firstLook = follow();
  const timer = setInterval(() => void follow(), askMs).unref();
  return {
    async run(_key, command) {
      // At the very start a request may be faster than the sentinels.
      if (primary === null) await waitAtMost(connectMs, firstLook, undefined);
      if (primary === null)
        throw new AppError('store_unavailable', { reason: 'store_connection', cause: lastError });
      return primary.run(command).catch((error: unknown) => {
        if (isOfReplica(error)) {
          // A sentinel that was cut off from the others may name the primary of before.
          askAnother();
          void follow();
        }
        throw toRejection(error);
      });
    },
    spread: (key) => [key],
    line: () => primary?.line() ?? state,
    isSettled: () => primary?.isSettled() ?? true,
    isCluster: false,
    ready: first.promise,
    close: () => {
      state.isClosed = true;
      clearInterval(timer);
      stop();
      primary?.close();
    },
  };
}

function isOfReplica(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('READONLY');
}

const silent = { lost: () => {}, back: () => {} };

/**
 * Asks all of them: one that was cut off from the others may name the primary of before, and two instances that
 * believe different ones would both get one lock. Most of the responses count; of as many, that of the earlier one.
 */
function askSentinels({ hosts, primaryName, sentinel, isTls, identity }: KnownRedis) {
  const nodes = hosts.map((host) =>
    connectToNode({ ...host, isTls, identity, database: 0, ...sentinel }, silent),
  );
  /** Whose word counts where as many say this as that. */
  let first = 0;

  async function askOne(node: RedisNode): Promise<RedisHost> {
    const command = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName];
    const reply = await node.run((client) => client.sendCommand(command));
    if (!Array.isArray(reply)) throw new Error(`No sentinel knows ${primaryName}`);
    return { host: String(reply[0]), port: Number(reply[1]) };
  }

  /** As soon as more than half of them agree: a silent one delays nothing then. */
  async function ask(): Promise<RedisHost> {
    const named: (RedisHost | undefined)[] = [];
    const agreed = Promise.withResolvers<void>();
    const asked = nodes.map(async (node, at) => {
      const host = await askOne(node);
      named[at] = host;
      if (countOf(named, host) > nodes.length / 2) agreed.resolve();
    });
    const all = Promise.allSettled(asked);
    await Promise.race([all, agreed.promise]);
    const found = mostNamed([...named.slice(first), ...named.slice(0, first)]);
    if (found !== null) return found;
    throw (await all).find((one) => one.status === 'rejected')?.reason;
  }
  return {
    ask,
    askAnother: () => {
      first = (first + 1) % nodes.length;
    },
    stop: () => {
      for (const node of nodes) node.close();
    },
  };
}

function countOf(named: readonly (RedisHost | undefined)[], host: RedisHost): number {
  return named.filter((other) => other !== undefined && nameOf(other) === nameOf(host)).length;
}

function mostNamed(named: readonly (RedisHost | undefined)[]): RedisHost | null {
  const hosts = named.filter((host) => host !== undefined);
  const [most] = hosts.toSorted((a, b) => countOf(hosts, b) - countOf(hosts, a));
  return most ?? null;
}
