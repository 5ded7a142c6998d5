/** Settings that do not fit what the authorization server says, and how it knows the client. */
import { join } from 'node:path';
import { createClientKey, writeKeySet } from '../../lib/strongroom/testing/client-keys.ts';
import { json } from '../../lib/strongroom/testing/http-server.ts';
import type { DoctorWorld } from '../support/doctor-world.ts';
import { lists, type Misconfiguration, set, tokenEndpoint } from './misconfiguration.ts';
import { createSigningKey } from './signing-keys.ts';

const endpoint = (variable: string): Misconfiguration => ({
  what: `${variable} that leads nowhere`,
  variable,
  env: ({ other }) => ({ [variable]: `${other.origin}/nowhere` }),
});
const rejectsPush = (error: string) => (world: DoctorWorld) => {
  world.server.fault.push = { status: 400, members: { error, request_uri: undefined } };
};
/** A server without pushed requests that sends the user back with an error. */
const sendsBack = (error: string) => (world: DoctorWorld) => {
  lists({ pushed_authorization_request_endpoint: undefined })(world);
  world.server.fault.redirect = () => new URLSearchParams({ error, iss: world.server.issuer });
};

const clientKey = createClientKey('ES256');

export const ofTheServer: Misconfiguration[] = [
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
    what: 'signed requests that the server requires, without a key',
    variable: 'AUTH_CLIENT_KEYS',
    breaks: lists({ require_signed_request_object: true }),
    words: /require_signed_request_object/,
  },
  {
    what: 'signed requests that the server requires, and that are off',
    variable: 'AUTH_REQUEST_OBJECT',
    env: () => ({ AUTH_REQUEST_OBJECT: 'never' }),
    breaks: lists({ require_signed_request_object: true }),
    words: /require_signed_request_object/,
  },
  {
    what: 'signed requests that the server takes with another algorithm alone',
    variable: 'AUTH_CLIENT_KEYS',
    env: () => ({
      AUTH_REQUEST_OBJECT: 'always',
      AUTH_CLIENT_KEYS: writeKeySet(clientKey),
      AUTH_CLIENT_AUTH: 'client_secret_basic',
    }),
    breaks: lists({ request_object_signing_alg_values_supported: ['PS256'] }),
    words: /requests signed with PS256, and not with ES256 \(request_object_signing_alg_values_supported/,
  },
  {
    what: 'a server that responds in JWTs only',
    variable: 'AUTH_ISSUER',
    breaks: lists({ response_modes_supported: ['jwt', 'query.jwt'] }),
    words: /response_modes_supported/,
  },
  {
    what: 'a pushed request endpoint that is away, while the server offers it',
    variable: 'AUTH_PAR',
    breaks: ({ server }) => {
      server.fault.push = { status: 404, body: '' };
    },
  },
  {
    what: 'AUTH_DPOP=always at a server that does not offer it',
    variable: 'AUTH_DPOP',
    env: () => ({ AUTH_DPOP: 'always' }),
    words: /the server/,
  },
  {
    what: 'AUTH_DPOP=never for a client of which the server requires it',
    variable: 'AUTH_DPOP',
    env: (world) => ({ ...tokenEndpoint(world), AUTH_DPOP: 'never' }),
    breaks: ({ other }) => {
      other.handlers['/token'] = json({ error: 'invalid_dpop_proof' }, 400);
    },
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

const strangeCalendar = 'https://calendar.example/unknown';
/** Whether the request asks for that API, and nothing is wrong with it but this. */
const asksForCalendar = (parameters: URLSearchParams) =>
  parameters.getAll('resource').includes(strangeCalendar);
const rejectsCalendarWhenPushed = ({ other, server }: DoctorWorld) => {
  server.metadata = { members: { pushed_authorization_request_endpoint: `${other.origin}/par` } };
  other.handlers['/par'] = (request, response, body) => {
    const rejected = json({ error: 'invalid_target' }, 400);
    const taken = json({ request_uri: 'urn:example:1', expires_in: 60 }, 201);
    (asksForCalendar(new URLSearchParams(body)) ? rejected : taken)(request, response, body);
  };
};
const rejectsCalendarOnTheWayBack = (world: DoctorWorld) => {
  lists({ pushed_authorization_request_endpoint: undefined })(world);
  world.other.handlers['/authorize'] = ({ url = '' }, response) => {
    const { searchParams } = new URL(url, world.other.origin);
    const error = asksForCalendar(searchParams) ? 'invalid_target' : 'login_required';
    const query = new URLSearchParams({ error, iss: world.server.issuer });
    response.writeHead(303, { location: `${searchParams.get('redirect_uri')}?${query}` }).end();
  };
};

const onlyPost = (world: DoctorWorld) => {
  world.other.handlers['/token'] = (_request, response, body) => {
    const isKnown = new URLSearchParams(body).get('client_secret') === world.server.client.secret;
    const error = isKnown ? 'invalid_grant' : 'invalid_client';
    response
      .writeHead(isKnown ? 400 : 401, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error }));
  };
};
const takesKeys = { token_endpoint_auth_methods_supported: ['private_key_jwt'] };
/** A client with a key and without a secret, at a server that knows no key of it. */
const withKey = (world: DoctorWorld) => ({
  ...tokenEndpoint(world),
  AUTH_CLIENT_SECRET: '',
  AUTH_CLIENT_KEYS: writeKeySet(clientKey),
});
const knowsNoKey =
  (members: Record<string, unknown> = {}) =>
  (world: DoctorWorld) => {
    world.secrets.push(String(clientKey.d));
    lists({ ...takesKeys, ...members })(world);
    // It repeats what it was sent.
    world.other.handlers['/token'] = (_request, response, body) =>
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: 'invalid_client', error_description: body }));
  };
const withFile = (file: string, permissions = '') => ({
  AUTH_CLIENT_SECRET: '',
  AUTH_CLIENT_ASSERTION_FILE: file,
  NODE_OPTIONS: permissions,
});

/** How this client proves who it is, without a secret. */
export const ofTheCredentials: Misconfiguration[] = [
  {
    what: 'a key that is not registered at the server',
    variable: 'AUTH_CLIENT_KEYS',
    env: withKey,
    breaks: knowsNoKey(),
    words: /rejects the key key-ES256 as private_key_jwt \(ES256\)/,
  },
  {
    what: 'a key for an algorithm that the server does not take',
    variable: 'AUTH_CLIENT_KEYS',
    env: withKey,
    breaks: knowsNoKey({ token_endpoint_auth_signing_alg_values_supported: ['PS256'] }),
    words: /assertions signed with PS256, and not with ES256 \(token_endpoint_auth_signing_alg/,
  },
  {
    what: 'an assertion with the secret at a server that takes those of keys alone',
    variable: 'AUTH_CLIENT_AUTH',
    env: (world) => ({ ...tokenEndpoint(world), AUTH_CLIENT_AUTH: 'client_secret_jwt' }),
    breaks: (world) => {
      lists({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] })(world);
      onlyPost(world);
    },
    words: /not with HS256, HS384, HS512/,
  },
  {
    what: 'a client without credentials at a server that wants some',
    variable: 'AUTH_CLIENT_AUTH',
    env: (world) => ({ ...tokenEndpoint(world), AUTH_CLIENT_SECRET: '', AUTH_CLIENT_AUTH: 'none' }),
    breaks: knowsNoKey({ token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] }),
    words: /rejects the client id without credentials/,
  },
  {
    what: 'an assertion with the secret where the server reads the body',
    variable: 'AUTH_CLIENT_AUTH',
    env: (world) => ({ ...tokenEndpoint(world), AUTH_CLIENT_AUTH: 'client_secret_jwt' }),
    breaks: onlyPost,
    words: /rejects client id and secret as client_secret_jwt/,
  },
  {
    what: 'a server that authenticates clients by certificates alone',
    variable: 'AUTH_ISSUER',
    breaks: lists({ token_endpoint_auth_methods_supported: ['tls_client_auth'] }),
    words: /token_endpoint_auth_methods_supported: tls_client_auth/,
  },
  {
    what: 'a token of the platform that is not there',
    variable: 'AUTH_CLIENT_ASSERTION_FILE',
    env: () => withFile('/no/such/token'),
    breaks: lists(takesKeys),
    words: /assertion_file_missing/,
  },
  {
    what: 'a token of the platform that is something else',
    variable: 'AUTH_CLIENT_ASSERTION_FILE',
    env: () => withFile(import.meta.filename),
    breaks: lists(takesKeys),
    words: /assertion_file_malformed/,
  },
  {
    what: 'a token of the platform that Node may not read',
    variable: 'AUTH_CLIENT_ASSERTION_FILE',
    env: () => withFile(import.meta.filename, `--permission --allow-fs-read=${join(process.cwd(), '.next')}`),
    breaks: lists(takesKeys),
    words: /assertion_file_permission/,
  },
];

export const ofTheClient: Misconfiguration[] = [
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
    what: 'a client that the server rejects with a code of its own and our secret in its words',
    variable: 'AUTH_CLIENT_SECRET',
    env: tokenEndpoint,
    breaks: ({ other, secrets }) => {
      other.handlers['/token'] = json({ error: 'access_denied', error_description: secrets.join() }, 401);
    },
  },
  {
    what: 'an error of the token endpoint that repeats what it was sent',
    variable: 'AUTH_TOKEN_ENDPOINT',
    env: tokenEndpoint,
    breaks: ({ other, server }) => {
      const error_description = `unknown ${server.client.secret}`;
      other.handlers['/token'] = json({ error: 'invalid_request', error_description }, 400);
    },
    words: /\[removed\]/,
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
    what: 'an audience of another API that the server does not know',
    variable: 'CALENDAR_AUDIENCE',
    env: () => ({ CALENDAR_AUDIENCE: strangeCalendar }),
    breaks: rejectsCalendarWhenPushed,
    words: /users sign in without the API calendar/,
  },
  {
    what: 'an audience of another API that the server rejects on the way back',
    variable: 'CALENDAR_AUDIENCE',
    env: ({ other }) => ({
      CALENDAR_AUDIENCE: strangeCalendar,
      AUTH_AUTHORIZATION_ENDPOINT: `${other.origin}/authorize`,
    }),
    breaks: rejectsCalendarOnTheWayBack,
    words: /users sign in without the API calendar/,
  },
  {
    what: 'an audience of the first API that the server rejects on the way back',
    variable: 'AUTH_AUDIENCE',
    env: () => ({ CALENDAR_AUDIENCE: strangeCalendar }),
    breaks: sendsBack('invalid_target'),
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
