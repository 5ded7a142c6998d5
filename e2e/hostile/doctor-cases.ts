/** Forty and more ways to misconfigure a deployment, each with the variable that mends it. */
import { join } from 'node:path';
import { json } from '../../lib/strongroom/testing/http-server.ts';
import type { DoctorWorld } from '../support/doctor-world.ts';
import { createSigningKey } from './signing-keys.ts';

export type Misconfiguration = {
  what: string;
  /** The variable to change, which the doctor has to name. */
  variable: string;
  env?: (world: DoctorWorld) => Record<string, string>;
  /** Changes a server. */
  breaks?: (world: DoctorWorld) => unknown;
  /** What must be said, where the variable alone could be named for another reason. */
  words?: RegExp;
};

const set =
  (variable: string, value: string) =>
  (what: string): Misconfiguration => ({ what, variable, env: () => ({ [variable]: value }) });

const ofTheEnvironment: Misconfiguration[] = [
  set('AUTH_URL', 'https://app.example.com/path')('a public address with a path'),
  set('AUTH_SECRET', '1:short')('a secret that is too short'),
  set(
    'AUTH_ISSUER',
    'http://127.0.0.1:4000/.well-known/openid-configuration',
  )('the discovery address as issuer'),
  set('AUTH_CLIENT_ID', '')('no client id'),
  set('AUTH_CLIENT_SECRET', '<change me>')('a placeholder as client secret'),
  set('API_BASE_URL', 'http://api.example.com')('an API over http in public'),
  set('AUTH_SCOPES', 'read:contacts')('scopes without openid'),
  set('AUTH_CLIENT_AUTH', 'private_key_jwt')('a way to authenticate that is not supported'),
  set('REDIS_URL', 'http://127.0.0.1:6379')('a Redis by http'),
  set('TRUSTED_PROXY_HOPS', 'many')('hops that are no number'),
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

const ofTheNetwork: Misconfiguration[] = [
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

const endpoint = (variable: string): Misconfiguration => ({
  what: `${variable} that leads nowhere`,
  variable,
  env: ({ other }) => ({ [variable]: `${other.origin}/nowhere` }),
});
const lists = (members: Record<string, unknown>) => (world: DoctorWorld) => {
  world.server.metadata = { members };
};
const rejectsPush = (error: string) => (world: DoctorWorld) => {
  world.server.fault.push = { status: 400, members: { error, request_uri: undefined } };
};
/** A server without pushed requests that sends the user back with an error. */
const sendsBack = (error: string) => (world: DoctorWorld) => {
  lists({ pushed_authorization_request_endpoint: undefined })(world);
  world.server.fault.redirect = () => new URLSearchParams({ error, iss: world.server.issuer });
};

const ofTheServer: Misconfiguration[] = [
  {
    what: 'an issuer with a slash too much',
    variable: 'AUTH_ISSUER',
    env: ({ server }) => ({ AUTH_ISSUER: `${server.issuer}/` }),
    words: /slash/,
  },
  {
    what: 'another issuer in the metadata',
    variable: 'AUTH_ISSUER',
    breaks: lists({ issuer: 'https://other.example' }),
    words: /another issuer/,
  },
  {
    what: 'an issuer without its realm',
    variable: 'AUTH_ISSUER',
    env: ({ server }) => ({ AUTH_ISSUER: `${server.issuer}/realm` }),
    words: /no metadata/,
  },
  {
    what: 'metadata without keys',
    variable: 'AUTH_JWKS_URI',
    breaks: lists({ jwks_uri: undefined }),
  },
  ...['AUTH_AUTHORIZATION_ENDPOINT', 'AUTH_TOKEN_ENDPOINT', 'AUTH_JWKS_URI'].map(endpoint),
  ...['AUTH_USERINFO_ENDPOINT', 'AUTH_REVOCATION_ENDPOINT', 'AUTH_LOGOUT_URL'].map(endpoint),
  {
    what: 'an algorithm that the server does not sign with',
    variable: 'AUTH_SIGNING_ALG',
    env: () => ({ AUTH_SIGNING_ALG: 'ES384' }),
  },
  {
    what: 'an algorithm for which there is no key',
    variable: 'AUTH_SIGNING_ALG',
    env: () => ({ AUTH_SIGNING_ALG: 'ES256' }),
    breaks: ({ server }) => {
      server.keys = [createSigningKey('RS256', 'rs')];
    },
  },
  {
    what: 'a server that signs with the client secret',
    variable: 'AUTH_SIGNING_ALG',
    breaks: lists({ id_token_signing_alg_values_supported: ['HS256', 'none'] }),
  },
  {
    what: 'AUTH_PAR=always without an endpoint for it',
    variable: 'AUTH_PAR',
    env: () => ({ AUTH_PAR: 'always' }),
    breaks: lists({ pushed_authorization_request_endpoint: undefined }),
  },
  {
    what: 'no logout address',
    variable: 'AUTH_LOGOUT_URL',
    breaks: lists({ end_session_endpoint: undefined }),
  },
  {
    what: 'no revocation endpoint',
    variable: 'AUTH_REVOCATION_ENDPOINT',
    breaks: lists({ revocation_endpoint: undefined }),
  },
  {
    what: 'back-channel logout that is off',
    variable: 'AUTH_BACKCHANNEL_LOGOUT',
    env: () => ({ AUTH_BACKCHANNEL_LOGOUT: 'off' }),
    breaks: lists({ backchannel_logout_supported: true }),
  },
  set('AUTH_SCOPES', 'openid read:contacts')('scopes without offline_access'),
];

const onlyPost = (world: DoctorWorld) => {
  world.other.handlers['/token'] = (_request, response, body) => {
    const isKnown = new URLSearchParams(body).get('client_secret') === world.server.client.secret;
    const error = isKnown ? 'invalid_grant' : 'invalid_client';
    response
      .writeHead(isKnown ? 400 : 401, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error }));
  };
};
const tokenEndpoint = ({ other }: DoctorWorld) => ({ AUTH_TOKEN_ENDPOINT: `${other.origin}/token` });

const ofTheClient: Misconfiguration[] = [
  {
    what: 'a secret that is not the client’s',
    variable: 'AUTH_CLIENT_SECRET',
    env: () => ({ AUTH_CLIENT_SECRET: 'nT8vQ3xL6pW9wK2m' }),
  },
  {
    what: 'a raw header where the server decodes it',
    variable: 'AUTH_CLIENT_AUTH',
    breaks: ({ server }) => {
      server.client.isEncoded = true;
    },
    words: /as client_secret_basic_encoded, not/,
  },
  {
    what: 'an encoded header where the server does not decode it',
    variable: 'AUTH_CLIENT_AUTH',
    env: () => ({ AUTH_CLIENT_AUTH: 'client_secret_basic_encoded' }),
    words: /as client_secret_basic, not/,
  },
  {
    what: 'a header where the server reads the body',
    variable: 'AUTH_CLIENT_AUTH',
    env: tokenEndpoint,
    breaks: onlyPost,
    words: /as client_secret_post, not/,
  },
  {
    what: 'a client without the code grant',
    variable: 'AUTH_CLIENT_ID',
    env: tokenEndpoint,
    breaks: ({ other }) => {
      other.handlers['/token'] = json({ error: 'unauthorized_client' }, 400);
    },
  },
  {
    what: 'a redirect URI that is not registered',
    variable: 'AUTH_URL',
    breaks: rejectsPush('invalid_request'),
  },
  {
    what: 'a scope that the server does not know',
    variable: 'AUTH_SCOPES',
    breaks: rejectsPush('invalid_scope'),
  },
  {
    what: 'an audience that the server does not know',
    variable: 'AUTH_AUDIENCE',
    breaks: rejectsPush('invalid_target'),
  },
  {
    what: 'a redirect URI that is not registered, without pushed requests',
    variable: 'AUTH_URL',
    env: ({ other }) => ({ AUTH_AUTHORIZATION_ENDPOINT: `${other.origin}/authorize` }),
    breaks: (world) => {
      lists({ pushed_authorization_request_endpoint: undefined })(world);
      world.other.handlers['/authorize'] = json({}, 400);
    },
  },
  {
    what: 'a scope that the server rejects on the way back',
    variable: 'AUTH_SCOPES',
    breaks: sendsBack('invalid_scope'),
  },
];

const apiSays =
  (status: number, headers: Record<string, string> = {}) =>
  ({ api }: DoctorWorld) => {
    api.handlers['/'] = json({}, status, headers);
  };
const ofTheApi: Misconfiguration[] = [
  set('API_BASE_URL', 'http://127.0.0.1:9')('an API where nothing listens'),
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

const ofThePublicAddress: Misconfiguration[] = [
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

export const misconfigurations: Misconfiguration[] = [
  ...ofTheEnvironment,
  ...ofTheNetwork,
  ...ofTheServer,
  ...ofTheClient,
  ...ofTheApi,
  ...ofThePublicAddress,
];
