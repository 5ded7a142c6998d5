/**
 * An authorization server that lies as a case says, at every endpoint: discovery, keys, pushed requests,
 * authorization, tokens, userinfo, revocation and logout. The rest of what it says is right, so that a
 * rejection can only be due to the lie.
 */
import type { ServerResponse } from 'node:http';
import { handleAuthorization, handleLogout, handlePush } from './authorization-endpoint.ts';
import { newCanary } from './grant.ts';
import { listen, type ReceivedRequest } from './listener.ts';
import { type Client, Oracle } from './oracle.ts';
import { sendReply } from './replies.ts';
import type { ServerState } from './server-state.ts';
import { createSigningKey, makeDecoys, type SigningKey, toJwk } from './signing-keys.ts';
import { handleRevocation, handleToken, handleUserinfo } from './token-endpoint.ts';

export type AuthorizationServer = ServerState & {
  /** How often a path was requested. */
  countOf(path: string): number;
  close(): Promise<void>;
  reopen(): Promise<void>;
};

/** Marks the responses of this server among those that a browser received. */
export const partyHeader = { 'x-party': 'authorization-server' };

/** Signs in until a case names its own user. */
const firstUser = { sub: 'user-0', name: 'User 0', email: 'user-0@example.test' };

export async function startAuthorizationServer(client: Client): Promise<AuthorizationServer> {
  const listener = await listen((request, response) => handle(server, request, response), partyHeader);
  const server: AuthorizationServer = {
    issuer: listener.origin,
    client,
    oracle: new Oracle(client),
    user: firstUser,
    fault: {},
    metadata: {},
    jwks: {},
    keysPath: `/${newCanary('keys')}`,
    keys: [...rightKeys()],
    decoys: [...makeDecoys('rs')],
    grants: [],
    pushed: new Map(),
    revoked: [],
    nonce: null,
    requests: [],
    received: [],
    countOf: (path) => server.requests.filter((line) => line.endsWith(` ${path}`)).length,
    close: listener.close,
    reopen: listener.reopen,
  };
  return server;
}

let created: SigningKey[] | null = null;

/**
 * One for each algorithm that the application accepts. All servers of a test file share them, because making
 * them takes long.
 */
export function rightKeys(): readonly SigningKey[] {
  created ??= ['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) =>
    createSigningKey(alg, alg.slice(0, 2).toLowerCase()),
  );
  return created;
}

type Endpoint = (server: AuthorizationServer, request: ReceivedRequest, response: ServerResponse) => void;

const handleKeys: Endpoint = (server, _request, response) =>
  sendReply(response, { keys: [...server.decoys, ...server.keys.map(toJwk)] }, server.jwks);

const endpoints: Record<string, Endpoint> = {
  '/.well-known/openid-configuration': (server, _request, response) =>
    sendReply(response, describeServer(server), server.metadata),
  /** Where the metadata are when their address redirects. */
  '/moved-metadata': (server, _request, response) => sendReply(response, describeServer(server)),
  '/par': handlePush,
  '/authorize': handleAuthorization,
  '/token': handleToken,
  '/userinfo': handleUserinfo,
  '/revoke': handleRevocation,
  '/logout': handleLogout,
};

function handle(server: AuthorizationServer, request: ReceivedRequest, response: ServerResponse): void {
  const { pathname } = request.url;
  server.requests.push(`${request.method} ${pathname}`);
  server.received.push(request);
  const endpoint = pathname === server.keysPath ? handleKeys : endpoints[pathname];
  if (endpoint === undefined) response.writeHead(404).end();
  else endpoint(server, request, response);
}

/** It offers algorithms that no client may accept. */
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
