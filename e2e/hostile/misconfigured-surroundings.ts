/** An API, a proxy in front or a Redis that is not as the settings say. */
import { json } from '../../lib/strongroom/testing/http-server.ts';
import type { DoctorWorld } from '../support/doctor-world.ts';
import { lists, type Misconfiguration, set, tokenEndpoint } from './misconfiguration.ts';

const apiSays =
  (status: number, headers: Record<string, string> = {}) =>
  ({ api }: DoctorWorld) => {
    api.handlers['/'] = json({}, status, headers);
  };
export const ofTheAuditLog: Misconfiguration[] = [
  set('AUDIT_LOG', 'file:/no-such-folder/audit.jsonl')('an audit log in a folder that is not there'),
  set('AUDIT_LOG', 'http://127.0.0.1:9')('a collector where nothing listens'),
  {
    what: 'a collector that rejects our credentials',
    variable: 'AUDIT_LOG_AUTHORIZATION',
    env: ({ other }) => ({
      AUDIT_LOG: `${other.origin}/audit`,
      AUDIT_LOG_AUTHORIZATION: 'Bearer redis-password',
    }),
    breaks: ({ other }) => {
      other.handlers['/audit'] = ({ headers }, response) =>
        response.writeHead(401, { 'content-type': 'text/plain' }).end(headers.authorization);
    },
  },
  {
    what: 'a collector at another path',
    variable: 'AUDIT_LOG',
    env: ({ other }) => ({ AUDIT_LOG: `${other.origin}/none` }),
    words: /takes nothing \(404\)/,
  },
];

export const ofTheCollectors: Misconfiguration[] = [
  set('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9')('a collector of telemetry where nothing listens'),
  {
    what: 'a collector of traces at another path',
    variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    env: ({ other }) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other.origin }),
    words: /takes nothing \(404\)/,
  },
  {
    what: 'a collector of metrics that rejects our credentials',
    variable: 'OTEL_EXPORTER_OTLP_HEADERS',
    env: ({ other }) => ({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other.origin}/v1/metrics`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer redis-password',
    }),
    breaks: ({ other }) => {
      other.handlers['/v1/metrics'] = ({ headers }, response) =>
        response.writeHead(401, { 'content-type': 'text/plain' }).end(headers.authorization);
    },
  },
];

export const ofTheApi: Misconfiguration[] = [
  set('API_BASE_URL', 'http://127.0.0.1:9')('an API where nothing listens'),
  set('CALENDAR_BASE_URL', 'http://127.0.0.1:9')('a second API where nothing listens'),
  {
    what: 'an API that knows no path',
    variable: 'API_BASE_URL',
    breaks: apiSays(404, { 'content-type': 'text/html' }),
  },
  { what: 'an API without protection', variable: 'API_BASE_URL', breaks: apiSays(200), words: /unprotected/ },
  {
    what: 'an API that redirects',
    variable: 'API_BASE_URL',
    breaks: apiSays(301, { location: '/v2' }),
    words: /redirects/,
  },
  {
    what: 'an API that wants DPoP',
    variable: 'API_BASE_URL',
    breaks: apiSays(401, { 'www-authenticate': 'DPoP algs="ES256"' }),
    words: /DPoP/,
  },
  {
    what: 'AUTH_DPOP=never at an API that wants DPoP',
    variable: 'AUTH_DPOP',
    env: () => ({ AUTH_DPOP: 'never' }),
    breaks: apiSays(401, { 'www-authenticate': 'DPoP algs="ES256"' }),
  },
  {
    what: 'AUTH_DPOP=always at an API that takes bearer tokens alone',
    variable: 'AUTH_DPOP',
    env: () => ({ AUTH_DPOP: 'always' }),
    breaks: lists({ dpop_signing_alg_values_supported: ['ES256'] }),
    words: /the API/,
  },
  {
    what: 'an audience whose token the API rejects',
    variable: 'AUTH_AUDIENCE',
    env: tokenEndpoint,
    breaks: (world) => {
      lists({ grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'] })(world);
      world.other.handlers['/token'] = (_request, response, body) => {
        const isOurs = body.includes('grant_type=client_credentials');
        const token = {
          access_token: `access-token-${'x'.repeat(20)}`,
          token_type: 'Bearer',
          expires_in: 60,
        };
        const said = isOurs ? token : { error: 'invalid_grant' };
        response
          .writeHead(isOurs ? 200 : 400, { 'content-type': 'application/json' })
          .end(JSON.stringify(said));
      };
    },
    words: /opaque/,
  },
];

export const ofThePublicAddress: Misconfiguration[] = [
  {
    what: 'a public address where nothing listens',
    variable: 'AUTH_URL',
    env: () => ({ AUTH_URL: 'http://127.0.0.1:9' }),
    breaks: ({ server }) => {
      server.client.redirectUri = 'http://127.0.0.1:9/auth/callback/provider';
    },
  },
  {
    what: 'a public address that leads to another server',
    variable: 'AUTH_URL',
    breaks: ({ app }) => {
      app.handlers['/healthz'] = json('welcome');
    },
  },
  {
    what: 'a proxy that changes the host',
    variable: 'AUTH_URL',
    breaks: ({ app }) => {
      app.handlers['/'] = json({}, 421);
    },
    words: /Host/,
  },
  {
    what: 'a proxy with little room for headers',
    variable: 'AUTH_URL',
    breaks: ({ app }) => {
      app.handlers['/healthz'] = (request, response) => {
        const isLong = (request.headers.cookie ?? '').length > 4_000;
        response.writeHead(isLong ? 431 : 200).end(JSON.stringify({ status: 'ok' }));
      };
    },
    words: /cookies/,
  },
  {
    what: 'two proxies in front, of which none is trusted',
    variable: 'TRUSTED_PROXY_HOPS',
    breaks: ({ app }) => {
      app.handlers['/healthz'] = json({ status: 'ok' }, 200, { via: '1.1 front, 1.1 inner' });
    },
  },
  set('TRUSTED_PROXY_HOPS', '2')('trusted proxies where none stands'),
  {
    what: 'a redirected host that leads elsewhere',
    variable: 'REDIRECTED_HOSTS',
    env: ({ other }) => ({ REDIRECTED_HOSTS: new URL(other.origin).host }),
  },
];

const command =
  (line: string) =>
  ({ redis }: DoctorWorld) =>
    redis?.command(line);
const asUser =
  (user: string) =>
  ({ redis }: DoctorWorld) => ({
    REDIS_URL: (redis?.url ?? '').replace('://', `://${user}@`),
  });

export const ofRedis: Misconfiguration[] = [
  set('REDIS_URL', 'redis://127.0.0.1:9')('a Redis where nothing listens'),
  {
    what: 'a wrong password of Redis',
    variable: 'REDIS_URL',
    env: asUser('writer:redis-password'),
    breaks: command('ACL SETUSER writer on >other-password ~* +@all'),
    words: /password/,
  },
  {
    what: 'a user who may only read',
    variable: 'REDIS_URL',
    env: asUser('reader:redis-password'),
    breaks: command('ACL SETUSER reader on >redis-password ~* +@read +@connection +info'),
    words: /NOPERM/,
  },
  {
    what: 'a database that Redis does not have',
    variable: 'REDIS_URL',
    env: ({ redis }) => ({ REDIS_URL: `${redis?.url}/99` }),
    words: /number/,
  },
  {
    what: 'a database of a Redis that lets none be chosen',
    variable: 'REDIS_URL',
    env: ({ redis }) => ({ REDIS_URL: `${(redis?.url ?? '').replace('://', '://nosel:redis-password@')}/1` }),
    breaks: command('ACL SETUSER nosel on >redis-password ~* +@all -select'),
    words: /numbered databases/,
  },
  {
    what: 'a single Redis that is written as a cluster',
    variable: 'REDIS_URL',
    env: ({ redis }) => ({ REDIS_URL: (redis?.url ?? '').replace('redis:', 'redis-cluster:') }),
    words: /no cluster/,
  },
  {
    what: 'a single Redis that is written as a sentinel',
    variable: 'REDIS_URL',
    env: ({ redis }) => ({
      REDIS_URL: `${(redis?.url ?? '').replace('redis:', 'redis-sentinel:')}/mymaster`,
    }),
    words: /no sentinel/,
  },
  {
    what: 'a Redis by TLS that speaks none',
    variable: 'REDIS_URL',
    env: ({ redis }) => ({ REDIS_URL: (redis?.url ?? '').replace('redis:', 'rediss:') }),
  },
  {
    what: 'a Redis that is a replica',
    variable: 'REDIS_URL',
    breaks: command('REPLICAOF 127.0.0.1 9'),
    words: /READONLY/,
  },
  {
    what: 'a Redis that drops entries when it is full',
    variable: 'REDIS_URL',
    breaks: async ({ redis }) => {
      await redis?.command('CONFIG SET maxmemory 100mb');
      await redis?.command('CONFIG SET maxmemory-policy allkeys-lru');
    },
    words: /allkeys-lru/,
  },
  {
    what: 'a Redis that keeps nothing',
    variable: 'REDIS_URL',
    breaks: command('CONFIG SET appendonly no'),
    words: /append-only/,
  },
];
