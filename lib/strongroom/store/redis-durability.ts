/**
 * Keeping what was written is the task of Redis: an append-only file, or replicas. This file warns when Redis
 * has neither, and lets what must not be lost wait until a replica has it.
 * @see docs/decisions/0015-durability-is-redis.md
 */
import 'server-only';
import { type Clock, monotonicMs } from '../base/clock';
import { logWarning } from '../base/log';
import type { RedisConnection } from './redis-connection';
import { hasReplicas, isAppendOnly } from './redis-info';
import { SingleFlight } from './single-flight';

type Run = RedisConnection['run'];

/** WAIT holds up every other command on the connection, so it must be short. */
const replicaMs = 250;
/** After a replica did not acknowledge in time, none is waited for during this time. */
const pauseMs = 10_000;
const maxTries = 2;

/** Logs what a restart or a fail-over of this Redis would cost. Never throws. */
export async function warnUnlessDurable({ run, spread }: Pick<RedisConnection, 'run' | 'spread'>) {
  const servers = await Promise.all(spread('durability').map((key) => readDurability(run, key)));
  if (servers.includes('none')) logWarning('store_not_durable', whatIsLost);
  else if (servers.includes('unknown')) logWarning('store_durability_unknown', { reason: 'info_rejected' });
}

async function readDurability(run: Run, key: string): Promise<'kept' | 'none' | 'unknown'> {
  const persistence = await readInfo(run, key, 'persistence');
  const replication = await readInfo(run, key, 'replication');
  if (isAppendOnly(persistence ?? '') || hasReplicas(replication ?? '')) return 'kept';
  return persistence === null || replication === null ? 'unknown' : 'none';
}

const whatIsLost = {
  reason: 'no_append_only_file_and_no_replica',
  lostOnRestart: 'revocations, refresh results, tokens too large for a cookie',
};

/**
 * A function that writes, and waits for a moment until one replica has what was written. Redis counts what a
 * connection wrote: when that was lost in between, WAIT says nothing about the write, and the server that
 * took over may not have it. Then it is written once more.
 */
export function createReplicatedWrite(
  { run, line }: Pick<RedisConnection, 'run' | 'line'>,
  clock: Clock = monotonicMs,
): (key: string, write: () => Promise<void>) => Promise<boolean> {
  const waits = new WeakMap<object, SingleFlight<boolean>>();
  let pausedUntilMs = 0;
  let hasSeenReplica = false;
  async function wait(key: string): Promise<boolean> {
    if (clock() < pausedUntilMs) return false;
    const isReplicated = hasReplicas((await readInfo(run, key, 'replication')) ?? '');
    // Where there never was a replica, none is missed; one that is gone may be the next primary.
    if (!isReplicated && !hasSeenReplica) return true;
    hasSeenReplica = true;
    const acknowledged = isReplicated
      ? await run(key, (client) => client.wait(1, replicaMs)).catch(() => 0)
      : 0;
    if (acknowledged > 0) return true;
    pausedUntilMs = clock() + pauseMs;
    logWarning('revocation_not_replicated', { reason: 'no_replica_in_time' });
    return false;
  }
  // Replies come in the order of the commands, so callers that ask while a WAIT is under way have written
  // before it was sent: one WAIT is enough for all of them.
  function share(key: string, written: object): Promise<boolean> {
    const flights = waits.get(written) ?? new SingleFlight<boolean>();
    waits.set(written, flights);
    return flights.share('wait', () => wait(key));
  }
  return async (key, write) => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const written = line(key);
      await write();
      const isReplicated = await share(key, written);
      if (line(key) === written) return isReplicated;
    }
    return false;
  };
}

/** A managed Redis may reject INFO: null. */
async function readInfo(run: Run, key: string, section: string): Promise<string | null> {
  return run(key, (client) => client.info(section).catch(() => null)).catch(() => null);
}
