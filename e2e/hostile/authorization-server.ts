/**
 * An authorization server that lies as a case says. Discovery, keys, pushed requests, authorization, tokens, userinfo, revocation and logout;
 * right in all that the case leaves alone, so that what is rejected is rejected for the lie.
 */
import type { ServerResponse } from 'node:http';
import { answerAuthorization, answerEndSession, answerPush } from './authorization-endpoint.ts';
import { newCanary } from './grant.ts';
import { type Heard, listen } from './listener.ts';
import { type Client, Oracle } from './oracle.ts';
import { sendReply } from './replies.ts';
import type { ServerState } from './server-state.ts';
import { createSigningKey, makeDecoys, type SigningKey, toJwk } from './signing-keys.ts';
import { answerRevocation, answerToken, answerUserinfo } from './token-endpoint.ts';

export type AuthorizationServer = ServerState & {
  /** How often a path was asked for. */
  countOf(path: string): number;
  close(): Promise<void>;
  reopen(): Promise<void>;
};

/** Marks the answers of this server among those that a browser received. */
export const partyHeader = { 'x-party': 'authorization-server' };

export const nobody = { sub: 'nobody', name: 'Nobody', email: 'nobody@example.test' };

export async function startAuthorizationServer(client: Client): Promise<AuthorizationServer> {
  const listener = await listen((heard, response) => answer(server, heard, response), partyHeader);
  const server: AuthorizationServer = {
    issuer: listener.origin,
    client,
    oracle: new Oracle(client),
    person: nobody,
    fault: {},
    metadata: {},
    jwks: {},
    keysPath: `/${newCanary('keys')}`,
    keys: [...rightKeys()],
    decoys: [...makeDecoys('rs')],
    grants: [],
    pushed: new Map(),
    revoked: [],
    requests: [],
    countOf: (path) => server.requests.filter((line) => line.endsWith(` ${path}`)).length,
    close: listener.close,
    reopen: listener.reopen,
  };
  return server;
}

let created: SigningKey[] | null = null;

/** One for each algorithm that the application takes. They are made once: every server of a test file lies with the same ones. */
export function rightKeys(): readonly SigningKey[] {
  created ??= ['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) =>
    createSigningKey(alg, alg.slice(0, 2).toLowerCase()),
  );
  return created;
}

type Endpoint = (server: AuthorizationServer, heard: Heard, response: ServerResponse) => void;

const answerKeys: Endpoint = (server, _heard, response) =>
  sendReply(response, { keys: [...server.decoys, ...server.keys.map(toJwk)] }, server.jwks);

const endpoints: Record<string, Endpoint> = {
  '/.well-known/openid-configuration': (server, _heard, response) =>
    sendReply(response, describeServer(server), server.metadata),
  '/par': answerPush,
  '/authorize': answerAuthorization,
  '/token': answerToken,
  '/userinfo': answerUserinfo,
  '/revoke': answerRevocation,
  '/logout': answerEndSession,
};

function answer(server: AuthorizationServer, heard: Heard, response: ServerResponse): void {
  server.requests.push(`${heard.method} ${heard.url.pathname}`);
  const { pathname } = heard.url;
  const endpoint = pathname === server.keysPath ? answerKeys : endpoints[pathname];
  if (endpoint === undefined) response.writeHead(404).end();
  else endpoint(server, heard, response);
}

/** It offers algorithms that nobody may take. */
function describeServer({ issuer, keysPath }: AuthorizationServer) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: issuer + keysPath,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    revocation_endpoint: `${issuer}/revoke`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
  };
}
