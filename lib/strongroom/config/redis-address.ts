/**
 * What REDIS_URL names: one Redis, the sentinels that know which one is the primary, or nodes of a cluster.
 * Pure.
 * @see docs/decisions/0022-sentinel-and-cluster.md
 */

export type RedisHost = { host: string; port: number };
export type RedisCredentials = { user: string; password: string };
export type RedisAddress = RedisCredentials & {
  kind: 'single' | 'sentinel' | 'cluster';
  isTls: boolean;
  hosts: readonly RedisHost[];
  /** What the sentinels call the primary. */
  primaryName: string;
  /** The sentinels' own. */
  sentinel: RedisCredentials;
  database: number;
};

type Parsed = RedisAddress | { problem: string };

const examples: Readonly<Record<RedisAddress['kind'], string>> = {
  single: 'redis://host:6379 or rediss://user:password@host:6379',
  sentinel: 'redis-sentinel://user:password@host1:26379,host2:26379,host3:26379/mymaster',
  cluster: 'redis-cluster://user:password@host1:6379,host2:6379,host3:6379',
};
const kinds: Readonly<Record<string, RedisAddress['kind']>> = {
  '': 'single',
  '-sentinel': 'sentinel',
  '-cluster': 'cluster',
};
const pattern =
  /^redis(?<tls>s?)(?<kind>|-sentinel|-cluster):\/\/(?:(?<credentials>[^/?#]*)@)?(?<hosts>[^/?#]*)(?<path>[^?#]*)(?<query>\?[^#]*)?(?:#.*)?$/;

/** What is wrong with REDIS_URL, as the second half of a sentence, or null. */
export function findRedisProblem(text: string): string | null {
  const parsed = parse(text);
  return 'problem' in parsed ? parsed.problem : null;
}

/** @throws Error when the configuration did not check it before */
export function parseRedisAddress(text: string): RedisAddress {
  const parsed = parse(text);
  if ('problem' in parsed) throw new Error(`The address of Redis ${parsed.problem}`);
  return parsed;
}

function parse(text: string): Parsed {
  const parts = pattern.exec(text)?.groups;
  if (parts === undefined) return notAnAddress('single');
  const kind = kinds[parts.kind ?? ''] ?? 'single';
  const named = (parts.hosts ?? '').split(',');
  const hosts = named.map((host) => parseHost(host, kind === 'sentinel' ? 26_379 : 6_379));
  if (kind === 'single' && hosts.length > 1)
    return { problem: `names several hosts; write ${examples.sentinel}, or ${examples.cluster}` };
  if (!hosts.every((host) => host !== null)) return notAnAddress(kind);
  const [user, password] = splitCredentials(parts.credentials ?? '');
  const query = new URLSearchParams(kind === 'sentinel' ? parts.query : '');
  const sentinel = { user: query.get('sentinel_user') ?? '', password: query.get('sentinel_password') ?? '' };
  const [primaryName = '', database = ''] = splitPath(kind, parts.path ?? '');
  const problem =
    findPathProblem(kind, parts.path ?? '') ??
    findUnknownParameter(query) ??
    ([user, password, primaryName].includes(null) ? badPercent : null);
  if (problem !== null || user === null || password === null || primaryName === null)
    return { problem: problem ?? badPercent };
  const isTls = parts.tls === 's';
  return { kind, isTls, hosts, user, password, primaryName, sentinel, database: Number(database) };
}

const badPercent = 'has a % in its user or password that is not an encoded character; write % itself as %25';

function notAnAddress(kind: RedisAddress['kind']): Parsed {
  return { problem: `is not the address of a Redis; write it as ${examples[kind]}` };
}

/** @returns null where there is no host, or no port behind its colon */
function parseHost(text: string, defaultPort: number): RedisHost | null {
  const url = URL.parse(`redis://${text}`);
  if (url === null || url.hostname === '' || url.pathname !== '') return null;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || defaultPort) };
}

function splitCredentials(text: string): [user: string | null, password: string | null] {
  const colon = text.indexOf(':');
  return colon < 0 ? [decode(text), ''] : [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
}

function splitPath(kind: RedisAddress['kind'], path: string): (string | null)[] {
  const [first = '', second = ''] = path.slice(1).split('/');
  return kind === 'sentinel' ? [decode(first), second] : ['', first];
}

function findPathProblem(kind: RedisAddress['kind'], path: string): string | null {
  if (kind === 'single' && !/^\/?\d*$/.test(path))
    return 'must end after the port, or with the number of a database: /0';
  if (kind === 'cluster' && !/^\/?$/.test(path))
    return 'must end after the last port: a cluster has no numbered databases';
  if (kind === 'sentinel' && !/^\/[^/]+(\/\d*)?$/.test(path))
    return `must end with the name that the sentinels have for the primary; write it as ${examples.sentinel}`;
  return null;
}

const parameters = ['sentinel_user', 'sentinel_password'];

function findUnknownParameter(query: URLSearchParams): string | null {
  const isKnown = [...query.keys()].every((name) => parameters.includes(name));
  return isKnown ? null : `may have ${parameters.join(' and ')} behind its question mark, and nothing else`;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
