/**
 * One connection to Redis that nobody waits for in vain: every command is bounded, and while Redis is away commands fail at once. A heartbeat
 * finds out when it is back. The only file that knows the Redis client.
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
/** Without an answer to its heartbeats for this long, the connection is made anew. */
const silenceMs = 5_000;
const maxQueued = 10_000;

export type RedisClient = ReturnType<typeof createRedisClient>;
export type RedisConnection = {
  /** @throws AppError `store_unavailable` */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  close(): void;
};

/**
 * Connects in the background and goes on trying.
 * @param onBeat asked with every heartbeat and before the first command; while it fails, Redis counts as away
 */
export function connectToRedis(
  url: string,
  onBeat: (client: RedisClient, wasAway: boolean) => Promise<void>,
): RedisConnection {
  const client = createRedisClient(url);
  const first = Promise.withResolvers<void>();
  const state = { isUp: false, isBeating: false, isFirst: true };

  function lose(reason: ReasonOf<'store_unavailable'>, error?: unknown): AppError {
    if (state.isUp || state.isFirst) logWarning('store_lost', { reason, causes: describeCauses(error) });
    Object.assign(state, { isUp: false, isFirst: false });
    return new AppError('store_unavailable', { reason, cause: error });
  }

  const isAway = () => !state.isUp && !state.isFirst;

  async function beat(): Promise<void> {
    if (!client.isReady || state.isBeating) return;
    state.isBeating = true;
    try {
      const wasAway = isAway();
      await bound(onBeat(client, wasAway), 'store_timeout');
      // Lost in the middle of this very beat.
      if (!wasAway && isAway()) await bound(onBeat(client, true), 'store_timeout');
      if (!state.isUp) logEvent('store_back');
      Object.assign(state, { isUp: true, isFirst: false });
      first.resolve();
    } catch (error) {
      lose('store_timeout', error);
    } finally {
      state.isBeating = false;
    }
  }

  client.on('error', (error: unknown) => void lose('store_connection', error));
  client.on('ready', () => void beat());
  client.connect().catch(() => {});
  const timer = setInterval(() => void beat(), heartbeatMs).unref();
  return {
    async run(command) {
      // At the very start a request may be faster than the connection.
      if (!state.isUp) await waitAtMost(state.isFirst ? connectMs : 0, first.promise, undefined);
      if (!state.isUp) throw lose('store_connection');
      return bound(command(client), 'store_timeout').catch((error: unknown) => {
        throw isLate(error) || !client.isReady ? lose('store_timeout', error) : rejectedBy(error);
      });
    },
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

async function bound<T>(work: Promise<T>, reason: ReasonOf<'store_unavailable'>): Promise<T> {
  const late = Symbol();
  const first = await waitAtMost<T | typeof late>(commandMs, work, late);
  // After a process stood still, its timers come before what has arrived meanwhile.
  const answer = first === late ? await waitAtMost<T | typeof late>(secondLookMs, work, late) : first;
  if (answer === late) throw new AppError('store_unavailable', { reason });
  return answer as T;
}

function isLate(error: unknown): boolean {
  return error instanceof AppError;
}

/** Redis answers, and says no: it is full, or only a replica. */
function rejectedBy(error: unknown): AppError {
  logWarning('store_rejected', { causes: describeCauses(error) });
  return new AppError('store_unavailable', { reason: 'store_rejected', cause: error });
}
