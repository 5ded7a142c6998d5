/**
 * Whether Redis does what the store needs: is what its address says, connects, takes writes and scripts on
 * every server that has keys, evicts nothing, and keeps what it has.
 * @see docs/decisions/0010-redis.md, docs/decisions/0015-durability-is-redis.md
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../base/clock';
import { parseRedisAddress, type RedisAddress } from '../config/redis-address';
import { connectToRedis } from '../store/connect-to-redis';
import { keyPrefix } from '../store/key-prefix';
import type { RedisConnection } from '../store/redis-connection';
import { redisScripts } from '../store/redis-scripts';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';
import { explainFailure } from './network-failure';
import {
  explainRejectedWrite,
  explainReply,
  findOtherKind,
  findServerProblems,
  versionOf,
} from './redis-problems';

const { ok, error } = findingsOf('Redis');
const variable = 'REDIS_URL';

export async function checkRedis({ config, limits }: Context): Promise<Finding[]> {
  const { redisUrl, redisIdentity, appUrl } = config;
  if (redisUrl === null)
    return [ok('not configured: there must be one instance, and a restart forgets revocations')];
  const address = parseRedisAddress(redisUrl);
  const connection = connectToRedis(redisUrl, redisIdentity);
  const probe = `${keyPrefix(appUrl)}doctor`;
  try {
    await waitUntilConnected(connection, probe, limits.timeoutMs);
    const keys = connection.spread(probe);
    const found = await Promise.all(keys.map((key) => checkServer(connection, key, address)));
    const problems = withoutRepetitions(found.flatMap((server) => server.problems));
    const of = address.kind === 'single' ? '' : ` (${address.kind}, primaries: ${keys.length})`;
    return problems.length > 0
      ? problems
      : [ok(`Redis ${found[0]?.version ?? 'of unknown version'}${of} takes writes, and keeps them`)];
  } catch (failure) {
    return [explainConnection(failure, address)];
  } finally {
    connection.close();
  }
}

/** A connection that has failed says why; one that is only slow is waited for. */
async function waitUntilConnected(
  { run, spread }: RedisConnection,
  probe: string,
  timeoutMs: number,
): Promise<void> {
  const endMs = monotonicMs() + timeoutMs;
  for (;;) {
    const failure = await run(probe, (client) => client.ping())
      .then(() => Promise.all(spread(probe).map((key) => run(key, (client) => client.ping()))))
      .then(
        () => null,
        (error: unknown) => error,
      );
    if (failure === null) return;
    const isSlow = !(failure instanceof Error && failure.cause instanceof Error);
    if (!isSlow || monotonicMs() > endMs) throw failure;
    await pause(100);
  }
}

/** The server that has this key. */
async function checkServer(
  connection: RedisConnection,
  key: string,
  address: RedisAddress,
): Promise<{ version: string | null; problems: Finding[] }> {
  // A managed Redis may reject INFO: then it says nothing.
  const info = await connection.run(key, (client) => client.info().catch(() => ''));
  const version = versionOf(info);
  const ofKind = findOtherKind(info, address);
  if (ofKind.length > 0) return { version, problems: ofKind };
  return { version, problems: [...(await tryWriting(connection, key)), ...findServerProblems(info)] };
}

/** Writes one key of a second, and runs one script. */
async function tryWriting({ run }: RedisConnection, key: string): Promise<Finding[]> {
  try {
    await run(key, (client) => client.set(key, 'ok', { expiration: { type: 'PX', value: 1_000 } }));
    await run(key, (client) => client.eval(redisScripts.unlock, { keys: [key], arguments: ['ok'] }));
    return [];
  } catch (failure) {
    return [explainRejectedWrite(failure)];
  }
}

function explainConnection(failure: unknown, address: RedisAddress): Finding {
  const known = explainReply(failure, address);
  if (known !== null) return known;
  const { words, remedy } = explainFailure(failure, variable, null);
  return error(`Redis cannot be reached: ${words}`, remedy);
}

function withoutRepetitions(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ words }, at) => findings.findIndex((one) => one.words === words) === at);
}
