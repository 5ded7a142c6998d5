/**
 * One connection to Redis on which no request waits for long: every command is bounded, and while Redis is
 * away commands fail at once. A heartbeat finds out when it is back. The only file that knows the Redis
 * client.
 */
import 'server-only';
import { createClient } from '@redis/client';
import { waitAtMost } from '../base/deadline';
import { AppError, type ReasonOf } from '../base/errors';
import { describeCauses, logEvent, logWarning } from '../base/log';

const commandMs = 1_000;
const secondLookMs = 100;
const heartbeatMs = 1_000;
const connectMs = 2_000;
/** A connection without any response for this long is replaced. */
const silenceMs = 5_000;
const maxQueued = 10_000;

export type RedisClient = ReturnType<typeof createRedisClient>;
export type RedisConnection = {
  /** @throws AppError `store_unavailable` */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Resolves when Redis responds for the first time. */
  ready: Promise<void>;
  close(): void;
};

/** Connects in the background and goes on trying. */
export function connectToRedis(url: string): RedisConnection {
  const client = createRedisClient(url);
  const first = Promise.withResolvers<void>();
  const state = { isUp: false, isBeating: false, isFirst: true, error: undefined as unknown };

  function lose(reason: ReasonOf<'store_unavailable'>, error?: unknown): AppError {
    if (state.isUp || state.isFirst) logWarning('store_lost', { reason, causes: describeCauses(error) });
    Object.assign(state, { isUp: false, isFirst: false });
    return new AppError('store_unavailable', { reason, cause: error });
  }

  async function beat(): Promise<void> {
    if (!client.isReady || state.isBeating) return;
    state.isBeating = true;
    try {
      await bound(client.ping());
      if (!state.isUp) logEvent('store_back');
      Object.assign(state, { isUp: true, isFirst: false });
      first.resolve();
    } catch (error) {
      lose('store_timeout', error);
    } finally {
      state.isBeating = false;
    }
  }

  client.on('error', (error: unknown) => {
    state.error = error;
    lose('store_connection', error);
  });
  client.on('ready', () => void beat());
  client.connect().catch(() => {});
  const timer = setInterval(() => void beat(), heartbeatMs).unref();
  return {
    async run(command) {
      // At the very start a request may be faster than the connection.
      if (!state.isUp) await waitAtMost(state.isFirst ? connectMs : 0, first.promise, undefined);
      if (!state.isUp) throw lose('store_connection', state.error);
      return bound(command(client)).catch((error: unknown) => {
        throw error instanceof AppError || !client.isReady
          ? lose('store_timeout', error)
          : toRejection(error);
      });
    },
    ready: first.promise,
    close: () => {
      clearInterval(timer);
      client.destroy();
    },
  };
}

function createRedisClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueued,
    socket: {
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

/** Redis responds with an error: it is full, or only a replica. */
function toRejection(error: unknown): AppError {
  logWarning('store_rejected', { causes: describeCauses(error) });
  return new AppError('store_unavailable', { reason: 'store_rejected', cause: error });
}
