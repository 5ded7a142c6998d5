/**
 * Keeping what was written is the task of Redis: an append-only file, or replicas. This file warns when Redis
 * has neither, and lets a revocation wait until a replica has it.
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

/** Logs what a restart or a failover of this Redis would cost. Never throws. */
export async function warnUnlessDurable(run: Run): Promise<void> {
  const [persistence, replication] = [await readInfo(run, 'persistence'), await readInfo(run, 'replication')];
  if (isAppendOnly(persistence ?? '') || hasReplicas(replication ?? '')) return;
  if (persistence === null || replication === null)
    logWarning('store_durability_unknown', { reason: 'info_rejected' });
  else logWarning('store_not_durable', whatIsLost);
}

const whatIsLost = {
  reason: 'no_append_only_file_and_no_replica',
  lostOnRestart: 'revocations, refresh results, tokens too large for a cookie',
};

/**
 * A function that waits, for a moment, until one replica has everything that this process wrote before.
 * Replies come in the order of the commands, so callers that ask while a WAIT is under way have written
 * before it was sent: one WAIT is enough for all of them.
 */
export function createReplicationWait(run: Run, clock: Clock = monotonicMs): () => Promise<void> {
  const flights = new SingleFlight<void>();
  let pausedUntilMs = 0;
  async function wait(): Promise<void> {
    if (clock() < pausedUntilMs || !hasReplicas((await readInfo(run, 'replication')) ?? '')) return;
    const acknowledged = await run((client) => client.wait(1, replicaMs)).catch(() => 0);
    if (acknowledged > 0) return;
    pausedUntilMs = clock() + pauseMs;
    logWarning('revocation_not_replicated', { reason: 'no_replica_in_time' });
  }
  return () => flights.share('wait', wait);
}

/** A managed Redis may reject INFO: null. */
async function readInfo(run: Run, section: string): Promise<string | null> {
  return run((client) => client.info(section).catch(() => null)).catch(() => null);
}
