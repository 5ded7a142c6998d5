/**
 * The connection to one Redis server, on which no request waits for long: every command is bounded, and while
 * the server is away commands fail at once. A heartbeat finds out when it is back. The only file that knows
 * the Redis client.
 */
import 'server-only';
import { createClient } from '@redis/client';
import { monotonicMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { AppError, type ReasonOf } from '../base/errors';
import type { RedisAddress, RedisCredentials, RedisHost } from '../config/redis-address';

const commandMs = 1_000;
const secondLookMs = 100;
const heartbeatMs = 1_000;
export const connectMs = 2_000;
/** A connection without any response for this long is replaced. */
const silenceMs = 5_000;
const maxQueued = 10_000;
/** Longer than every instance needs to notice that a server is back, and to repeat its late writes. */
const settleMs = 3_000;

export type RedisClient = ReturnType<typeof createRedisClient>;
/** Certificate and private key (PEM) of this client, where Redis asks for them. */
type RedisIdentity = { identity: string | null };
export type KnownRedis = RedisAddress & RedisIdentity;
export type RedisServer = RedisHost & RedisCredentials & RedisIdentity & { isTls: boolean; database: number };

/** Who wants to know what becomes of a node. */
export type NodeWatcher = {
  lost(name: string, reason: ReasonOf<'store_unavailable'>, error: unknown): void;
  back(name: string): void;
};

export type RedisNode = {
  /** Host and port. */
  name: string;
  server: RedisServer;
  /** @throws AppError `store_unavailable`, and error replies of Redis as they are */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  isUp(): boolean;
  /** Another object after each loss: what was written through one may be unknown to the server behind the next. */
  line(): object;
  /** False for a moment after a loss: until other instances have written what they still held. */
  isSettled(): boolean;
  /** Resolves when the server responds for the first time. */
  ready: Promise<void>;
  close(): void;
};

export function nameOf({ host, port }: RedisHost): string {
  return `${host}:${port}`;
}

/**
 * Connects in the background and goes on trying.
 * @param options.isReplacement it takes the place of a server that was lost
 */
export function connectToNode(
  server: RedisServer,
  watcher: NodeWatcher,
  { isReplacement = false } = {},
): RedisNode {
  const name = nameOf(server);
  const client = createRedisClient(server);
  const first = Promise.withResolvers<void>();
  /** Whether it responds is known, for the first time. */
  const known = Promise.withResolvers<void>();
  const state = { isUp: false, isBeating: false, isFirst: true, isClosed: false, line: {} };
  /** When it came back from its last loss. */
  let backAtMs = isReplacement ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  /** Until a failure is known: it accepts connections, and says nothing. */
  let lastError: unknown = new AppError('store_unavailable', { reason: 'store_timeout' });

  function lose(reason: ReasonOf<'store_unavailable'>, error?: unknown): AppError {
    if ((state.isUp || state.isFirst) && !state.isClosed) watcher.lost(name, reason, error);
    if (state.isUp) backAtMs = Number.POSITIVE_INFINITY;
    Object.assign(state, { isUp: false, isFirst: false, line: {} });
    known.resolve();
    return new AppError('store_unavailable', { reason, cause: error });
  }

  async function beat(): Promise<void> {
    if (!client.isReady || state.isBeating) return;
    state.isBeating = true;
    try {
      await bound(client.ping());
      if (!state.isUp && !state.isClosed) watcher.back(name);
      if (backAtMs === Number.POSITIVE_INFINITY) backAtMs = monotonicMs();
      Object.assign(state, { isUp: true, isFirst: false });
      known.resolve();
      first.resolve();
    } catch (error) {
      lastError = error;
      lose('store_timeout', error);
    } finally {
      state.isBeating = false;
    }
  }

  client.on('error', (error: unknown) => {
    lastError = error;
    lose('store_connection', error);
  });
  client.on('ready', () => void beat());
  client.connect().catch(() => {});
  const timer = setInterval(() => void beat(), heartbeatMs).unref();
  return {
    name,
    server,
    async run(command) {
      // At the very start a request may be faster than the connection.
      if (!state.isUp) await waitAtMost(state.isFirst ? connectMs : 0, known.promise, undefined);
      if (!state.isUp) throw lose('store_connection', lastError);
      return bound(command(client)).catch((error: unknown) => {
        throw error instanceof AppError || !client.isReady ? lose('store_timeout', error) : error;
      });
    },
    isUp: () => state.isUp,
    line: () => state.line,
    isSettled: () => monotonicMs() - backAtMs >= settleMs,
    ready: first.promise,
    close: () => {
      state.isClosed = true;
      clearInterval(timer);
      client.destroy();
    },
  };
}

function createRedisClient({ host, port, isTls, identity, user, password, database }: RedisServer) {
  return createClient({
    // Without HELLO, which some managed services and proxies do not let through.
    RESP: 2,
    maintNotifications: 'disabled',
    database,
    ...(user === '' ? {} : { username: user }),
    ...(password === '' ? {} : { password }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueued,
    socket: {
      host,
      port,
      ...(isTls ? { tls: true, ...(identity === null ? {} : { cert: identity, key: identity }) } : {}),
      connectTimeout: connectMs,
      socketTimeout: silenceMs,
      reconnectStrategy: (retries) =>
        Math.min(1_000, 50 * 2 ** Math.min(retries, 6)) * (0.75 + Math.random() / 2),
    },
  });
}

async function bound<T>(work: Promise<T>): Promise<T> {
  const late = Symbol();
  const first = await waitAtMost<T | typeof late>(commandMs, work, late);
  // After a process stood still, its timers run before the responses that arrived meanwhile are read.
  const response = first === late ? await waitAtMost<T | typeof late>(secondLookMs, work, late) : first;
  if (response === late) throw new AppError('store_unavailable', { reason: 'store_timeout' });
  return response as T;
}
