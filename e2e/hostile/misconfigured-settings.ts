/** Settings that are wrong by themselves, and addresses behind which is no server. */
import { join } from 'node:path';
import { createClientKey, writeKeySet } from '../../lib/strongroom/testing/client-keys.ts';
import type { DoctorWorld } from '../support/doctor-world.ts';
import { type Misconfiguration, set } from './misconfiguration.ts';

const clientKey = { AUTH_CLIENT_KEYS: writeKeySet(createClientKey()) };

export const ofTheEnvironment: Misconfiguration[] = [
  set('AUTH_URL', 'https://app.example.com/path')('a public address with a path'),
  set('AUTH_SECRET', '1:short')('a secret that is too short'),
  set(
    'AUTH_ISSUER',
    'http://127.0.0.1:4000/.well-known/openid-configuration',
  )('the discovery address as issuer'),
  set('AUTH_CLIENT_ID', '')('no client id'),
  set('AUTH_CLIENT_SECRET', '<change me>')('a placeholder as client secret'),
  set('API_BASE_URL', 'http://api.example.com')('an API over http in public'),
  set('CALENDAR_BASE_URL', '')('no address of a second API'),
  set('CALENDAR_AUDIENCE', '')('no audience of a second API'),
  set('AUTH_AUDIENCE', '')('no audience of the first API beside that of a second'),
  set('AUTH_SCOPES', 'read:contacts')('scopes without openid'),
  set('SECURITY_PROFILE', 'strict')('a profile that does not exist'),
  {
    what: 'FAPI 2.0 with a client secret',
    variable: 'AUTH_CLIENT_KEYS',
    env: () => ({ SECURITY_PROFILE: 'fapi2' }),
    words: /FAPI 2\.0 takes no client secret/,
  },
  {
    what: 'FAPI 2.0 with bearer tokens',
    variable: 'AUTH_DPOP',
    env: () => ({ SECURITY_PROFILE: 'fapi2', AUTH_DPOP: 'never', ...clientKey }),
  },
  {
    what: 'FAPI 2.0 with requests in the address',
    variable: 'AUTH_PAR',
    env: () => ({ SECURITY_PROFILE: 'fapi2', AUTH_PAR: 'when-required', ...clientKey }),
  },
  {
    what: 'FAPI 2.0 with ID tokens signed by RS256',
    variable: 'AUTH_SIGNING_ALG',
    env: () => ({ SECURITY_PROFILE: 'fapi2', AUTH_SIGNING_ALG: 'RS256', ...clientKey }),
  },
  set('SESSION_BINDING', 'always')('a device binding that does not exist'),
  set('SESSION_BINDING', 'require')('sessions that must be bound, over http'),
  set('SESSION_BINDING_LIFETIME', '5')('a bound cookie of five seconds'),
  set('AUTH_REQUEST_OBJECT', 'sometimes')('a choice of signed requests that does not exist'),
  {
    what: 'signed requests without a key',
    variable: 'AUTH_CLIENT_KEYS',
    env: () => ({ AUTH_REQUEST_OBJECT: 'always' }),
  },
  set('AUTH_CLIENT_AUTH', 'tls_client_auth')('a way to authenticate that is not supported'),
  set('AUTH_CLIENT_SECRET', '')('no credentials at all'),
  set('AUTH_CLIENT_ASSERTION_FILE', 'token')('a file without its path'),
  set(
    'AUTH_CLIENT_KEYS',
    writeKeySet({ ...createClientKey(), d: undefined }),
  )('a public key as key of the client'),
  {
    what: 'a key that is needed and not there',
    variable: 'AUTH_CLIENT_KEYS',
    env: () => ({ AUTH_CLIENT_AUTH: 'private_key_jwt' }),
    words: /npm run keys/,
  },
  set('REDIS_URL', 'http://127.0.0.1:6379')('a Redis by http'),
  set('REDIS_URL', 'redis://127.0.0.1:6379,127.0.0.1:6380')('several hosts of a single Redis'),
  set('REDIS_URL', 'redis-cluster://127.0.0.1:6379/1')('a numbered database of a cluster'),
  set('REDIS_URL', 'redis-sentinel://127.0.0.1:26379')('sentinels without the name of the primary'),
  set('NEXT_SERVER_ACTIONS_ENCRYPTION_KEY', 'a word')('a key of actions that is none'),
  set('SHUTDOWN_DELAY', '5s')('a delay with its unit'),
  set('AUDIT_LOG', 'file:audit.jsonl')('an audit log without its whole path'),
  set('AUDIT_LOG', 'http://collector.example.com')('an audit log over http in public'),
  set('AUDIT_LOG_USERS', 'name')('a word for users of the audit log that is none'),
  set('AUDIT_LOG_ADDRESSES', 'half')('a word for addresses of the audit log that is none'),
  set('AUDIT_LOG_AUTHORIZATION', 'Bearer ü')('credentials of the collector that no header can hold'),
  set('METRICS_PORT', 'metrics')('a port of metrics that is none'),
  set('METRICS_ADDRESS', 'everywhere')('an address of metrics that is none'),
  set('OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318')('a collector without a scheme'),
  set('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'collector')('a collector of metrics that is no address'),
  set('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc')('a protocol of collectors that is not supported'),
  set('TRACE_PARENT', 'always')('trust in traces that is none'),
  set('OTEL_TRACES_EXPORTER', 'zipkin')('an exporter of traces that is not there'),
  set('OTEL_TRACES_SAMPLER_ARG', '2')('more traces than requests'),
  set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'collector:4318')('an address of traces without its scheme'),
  set('TRUSTED_PROXY_HOPS', 'many')('hops that are no number'),
  set('AUTH_PROVIDER', 'auth-zero')('a provider that is not known'),
  set('AUTH_AUDIENCE_AS', 'aud')('a parameter for the audience that is none'),
  set('AUTH_ACCOUNT_PROMPT', 'none')('a prompt that shows no account'),
  set('AUTH_SIGN_UP_PARAMS', 'state=mine')('a protocol parameter for creating an account'),
  set('AUTH_TOKEN_LIFETIME', 'forever')('a lifetime that is no number'),
  {
    what: 'claims of a user without a subject',
    variable: 'AUTH_USER_CLAIMS',
    env: ({ server }) => ({
      AUTH_USER_CLAIMS: 'name=login',
      AUTH_USERINFO_ENDPOINT: `${server.issuer}/userinfo`,
    }),
  },
  {
    what: 'an issuer of Auth0 without its slash',
    variable: 'AUTH_ISSUER',
    env: () => ({ AUTH_PROVIDER: 'auth0' }),
    words: /must end with a slash/,
  },
  {
    what: 'a user who is told by no endpoint',
    variable: 'AUTH_USERINFO_ENDPOINT',
    env: () => ({ AUTH_USER_CLAIMS: 'sub=id' }),
  },
  set('AUTH_AUDIENC', 'https://api.example.com')('a variable with a letter missing'),
  {
    what: 'a client id with a colon in Basic',
    variable: 'AUTH_CLIENT_AUTH',
    env: () => ({ AUTH_CLIENT_ID: 'urn:client' }),
  },
  {
    what: 'one secret for two purposes',
    variable: 'AUTH_SECRET',
    env: ({ secrets: [secret = ''] }) => ({ AUTH_CLIENT_SECRET: secret }),
  },
];

const tls = (name: string) => join(import.meta.dirname, 'tls', name);

export const ofTheNetwork: Misconfiguration[] = [
  set('AUTH_ISSUER', 'https://no-such-host.invalid')('an issuer whose name DNS does not know'),
  set('AUTH_ISSUER', 'http://127.0.0.1:9')('an issuer where nothing listens'),
  {
    what: 'an issuer by https that speaks http',
    variable: 'AUTH_ISSUER',
    env: ({ server }) => ({ AUTH_ISSUER: server.issuer.replace('http:', 'https:') }),
    words: /TLS/,
  },
  set('AUTH_ISSUER_INTERNAL_URL', 'http://127.0.0.1:9')('an inner address where nothing listens'),
  set('EGRESS_PROXY_URL', 'http://127.0.0.1:9')('an egress proxy that is away'),
  ...(
    [
      ['expired', 'AUTH_ISSUER', /expired/, true],
      ['other-host', 'AUTH_ISSUER', /another host/, true],
      ['self-signed', 'NODE_EXTRA_CA_CERTS', /authority/, true],
      ['right', 'NODE_EXTRA_CA_CERTS', /authority/, false],
    ] as const
  ).map(([name, variable, words, isAuthorityKnown]) => ({
    what: `an issuer with the certificate ${name}.pem${isAuthorityKnown ? '' : ' of an unknown authority'}`,
    variable,
    words,
    env: ({ secureIssuers }: DoctorWorld) => ({
      AUTH_ISSUER: secureIssuers[name] ?? '',
      ...(isAuthorityKnown ? { NODE_EXTRA_CA_CERTS: tls('authority.pem') } : {}),
    }),
  })),
];
