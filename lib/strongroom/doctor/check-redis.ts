/**
 * Whether Redis does what the store needs: connects, takes writes and scripts, is no cluster, evicts nothing,
 * and keeps what it has. @see docs/decisions/0010-redis.md, docs/decisions/0015-durability-is-redis.md
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../base/clock';
import { keyPrefix } from '../store/key-prefix';
import { connectToRedis, type RedisConnection } from '../store/redis-connection';
import { hasReplicas, isAppendOnly } from '../store/redis-info';
import { redisScripts } from '../store/redis-scripts';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('Redis');
const variable = 'REDIS_URL';
const minVersion = 6;

export async function checkRedis({ config, limits }: Context): Promise<Finding[]> {
  const { redisUrl, appUrl } = config;
  if (redisUrl === null)
    return [ok('not configured: there must be one instance, and a restart forgets revocations')];
  const { run, close } = connectToRedis(redisUrl);
  try {
    await waitUntilConnected(run, limits.timeoutMs);
    const info = await readInfo(run);
    const problems = [...(await tryWriting(run, appUrl)), ...findServerProblems(info)];
    return problems.length > 0
      ? problems
      : [ok(`Redis ${versionOf(info) ?? 'of unknown version'} takes writes, and keeps them`)];
  } catch (failure) {
    return [explainConnection(failure)];
  } finally {
    close();
  }
}

/** A connection that has failed says why; one that is only slow is waited for. */
async function waitUntilConnected(run: RedisConnection['run'], timeoutMs: number): Promise<void> {
  const endMs = monotonicMs() + timeoutMs;
  for (;;) {
    const failure = await run((client) => client.ping()).then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null) return;
    const isSlow = !(failure instanceof Error && failure.cause instanceof Error);
    if (!isSlow || monotonicMs() > endMs) throw failure;
    await pause(100);
  }
}

/** A managed Redis may reject INFO: then it says nothing. */
function readInfo(run: RedisConnection['run']): Promise<string> {
  return run((client) => client.info().catch(() => ''));
}

/** The first word of an error reply names its kind. */
function replyOf(failure: unknown): { kind: string; words: string } {
  let link: unknown = failure;
  while (link instanceof Error && link.cause instanceof Error) link = link.cause;
  const words = link instanceof Error ? link.message : '';
  return { kind: /^[A-Z]+\b/.exec(words)?.[0] ?? '', words };
}

function explainConnection(failure: unknown): Finding {
  const { kind, words } = replyOf(failure);
  if (['WRONGPASS', 'NOAUTH', 'NOPERM'].includes(kind) || /password/i.test(words))
    return error('Redis rejects user or password', {
      variable,
      mend: 'write redis://user:password@host:port, special characters encoded',
    });
  if (/DB index/i.test(words))
    return error('Redis has no database of that number', { variable, mend: 'end it with /0' });
  if (/socket closed/i.test(words))
    return error('Redis closes the connection', {
      variable,
      mend: 'use rediss:// where it expects TLS, and redis:// where it does not',
    });
  const explained = explainFailure(failure, variable, null);
  return error(`Redis cannot be reached: ${explained.words}`, explained.remedy);
}

/** Writes one key of a second, and runs one script. */
async function tryWriting(run: RedisConnection['run'], appUrl: string): Promise<Finding[]> {
  const key = `${keyPrefix(appUrl)}doctor`;
  try {
    await run((client) => client.set(key, 'ok', { expiration: { type: 'PX', value: 1_000 } }));
    await run((client) => client.eval(redisScripts.unlock, { keys: [key], arguments: ['ok'] }));
    return [];
  } catch (failure) {
    const { kind } = replyOf(failure);
    const mend = mends[kind] ?? 'see the log of Redis';
    return [error(`Redis takes no writes${kind === '' ? '' : ` (${kind})`}`, { variable, mend })];
  }
}

const mends: Readonly<Record<string, string>> = {
  READONLY: 'this is a replica: name the primary',
  OOM: 'its memory is full: raise maxmemory',
  MISCONF: 'it cannot save to its disk: see its log',
  NOPERM: 'let this user run SET, GET, DEL, EVAL and WAIT on keys of this application',
  MOVED: 'Redis Cluster is not supported: name a single Redis, or one behind Sentinel',
};

function findServerProblems(info: string): Finding[] {
  if (info === '')
    return [
      warning('Redis does not say how it is set up (INFO)', {
        variable,
        mend: 'turn on an append-only file or replicas, and noeviction',
      }),
    ];
  const version = versionOf(info);
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  const isBounded = !/^maxmemory:0\b/m.test(info);
  return [
    ...(version !== null && Number.parseInt(version, 10) < minVersion
      ? [
          error(`Redis ${version} is too old`, {
            variable,
            mend: `use Redis ${minVersion} or later, or Valkey`,
          }),
        ]
      : []),
    ...(/^cluster_enabled:1\b/m.test(info)
      ? [
          error('this is a Redis Cluster, which is not supported', {
            variable,
            mend: 'name a single Redis, or one behind Sentinel',
          }),
        ]
      : []),
    ...(isBounded && !['noeviction', 'volatile-ttl'].includes(policy)
      ? [
          warning(`Redis drops entries when it is full (${policy}): revocations among them`, {
            variable,
            mend: 'set maxmemory-policy noeviction there',
          }),
        ]
      : []),
    ...(isAppendOnly(info) || hasReplicas(info)
      ? []
      : [
          warning('Redis has no append-only file and no replica: a restart forgets revocations', {
            variable,
            mend: 'set appendonly yes there',
          }),
        ]),
  ];
}

function versionOf(info: string): string | null {
  return /^redis_version:([\d.]+)/m.exec(info)?.[1] ?? null;
}
