/** What is wrong with a Redis, by its error replies and by what it says about itself in INFO. Pure. */
import type { RedisAddress } from '../config/redis-address';
import { hasReplicas, isAppendOnly } from '../store/redis-info';
import { type Finding, findingsOf } from './finding';

const { warning, error } = findingsOf('Redis');
const variable = 'REDIS_URL';
const minVersion = 6;

/** Kind and words of the error reply that is the cause of a failure. */
function replyOf(failure: unknown): { kind: string; words: string } {
  let link: unknown = failure;
  while (link instanceof Error && link.cause instanceof Error) link = link.cause;
  const words = link instanceof Error ? link.message : '';
  return { kind: /^[A-Z]+\b/.exec(words)?.[0] ?? '', words };
}

type Known = { pattern: RegExp; words: string; mend: string };

/** In this order: some words are in several replies. */
const whileConnecting: readonly Known[] = [
  {
    pattern: /'?SELECT'?\b/i,
    words: 'Redis has no numbered databases, or does not let them be chosen',
    mend: 'end it after the port, without a number',
  },
  { pattern: /DB index/i, words: 'Redis has no database of that number', mend: 'end it with /0' },
  {
    pattern: /cluster support disabled/i,
    words: 'this Redis is no cluster',
    mend: 'write redis:// or rediss://',
  },
  {
    pattern: /no slots/,
    words: 'this cluster has given no slots to its nodes',
    mend: 'finish its set-up: redis-cli --cluster create',
  },
  {
    pattern: /unknown command.*SENTINEL/i,
    words: 'what responds there is no sentinel',
    mend: 'name the sentinels, which listen on port 26379 unless told otherwise',
  },
  {
    pattern: /^No sentinel knows/,
    words: 'the sentinels have no primary of that name',
    mend: 'end it with the name of their line `sentinel monitor`',
  },
  {
    pattern: /^(WRONGPASS|NOAUTH|NOPERM)|password/i,
    words: 'Redis rejects user or password',
    mend: 'write redis://user:password@host:port, special characters encoded',
  },
  {
    pattern: /socket closed/i,
    words: 'Redis closes the connection',
    mend: 'use rediss:// where it expects TLS, and redis:// where it does not',
  },
];

export function explainReply(failure: unknown, { kind }: RedisAddress): Finding | null {
  const { words } = replyOf(failure);
  const known = whileConnecting.find(({ pattern }) => pattern.test(words));
  if (known === undefined) return null;
  const isOfSentinel = kind === 'sentinel' && /password/.test(known.words);
  const mend = isOfSentinel ? `${known.mend}, and ?sentinel_password=… for the sentinels` : known.mend;
  return error(known.words, { variable, mend });
}

const mends: Readonly<Record<string, string>> = {
  READONLY: 'this is a replica: name the primary',
  OOM: 'its memory is full: raise maxmemory',
  MISCONF: 'it cannot save to its disk: see its log',
  NOPERM: 'give this user the rights that docs/redis.md lists',
  CLUSTERDOWN: 'not every slot has a primary that responds: see CLUSTER INFO there',
};

export function explainRejectedWrite(failure: unknown): Finding {
  const { kind } = replyOf(failure);
  return error(`Redis takes no writes${kind === '' ? '' : ` (${kind})`}`, {
    variable,
    mend: mends[kind] ?? 'see the log of Redis',
  });
}

/** A server of another kind than the address says. */
export function findOtherKind(info: string, { kind }: RedisAddress): Finding[] {
  if (kind === 'single' && /^cluster_enabled:1\b/m.test(info))
    return [
      error('this is a Redis Cluster', { variable, mend: 'write redis-cluster://host1:6379,host2:6379' }),
    ];
  if (kind === 'single' && /^redis_mode:sentinel\b/m.test(info))
    return [
      error('this is a sentinel, which keeps nothing', {
        variable,
        mend: 'write redis-sentinel://host1:26379,host2:26379/mymaster',
      }),
    ];
  return [];
}

export function findServerProblems(info: string): Finding[] {
  if (info === '')
    return [
      warning('Redis does not say how it is set up (INFO)', {
        variable,
        mend: 'turn on an append-only file or replicas, and noeviction',
      }),
    ];
  const version = versionOf(info);
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  const isTooOld = version !== null && Number.parseInt(version, 10) < minVersion;
  const doesEvict = !/^maxmemory:0\b/m.test(info) && !['noeviction', 'volatile-ttl'].includes(policy);
  const tooOld = error(`Redis ${version} is too old`, {
    variable,
    mend: `use Redis ${minVersion} or later, or Valkey`,
  });
  const evicting = warning(`Redis drops entries when it is full (${policy}): revocations among them`, {
    variable,
    mend: 'set maxmemory-policy noeviction there',
  });
  const forgetful = warning('Redis has no append-only file and no replica: a restart forgets revocations', {
    variable,
    mend: 'set appendonly yes there',
  });
  return [
    ...(isTooOld ? [tooOld] : []),
    ...(doesEvict ? [evicting] : []),
    ...(isAppendOnly(info) || hasReplicas(info) ? [] : [forgetful]),
  ];
}

export function versionOf(info: string): string | null {
  return /^redis_version:([\d.]+)/m.exec(info)?.[1] ?? null;
}
