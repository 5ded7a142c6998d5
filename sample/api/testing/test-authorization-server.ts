/** An authorization server for tests: discovery, keys that can be changed or taken away, and tokens that can be wrong in any way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export type TestKey = { kid: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey; jwk: JWK };

export async function createTestKey(kid: string, alg = 'RS256'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicKey, jwk };
}

export type TestAuthorizationServer = {
  issuer: string;
  /** What `jwks_uri` answers from now on. */
  keys: unknown[];
  isAway: boolean;
  /** Changes to the discovery document. */
  discovery: Record<string, unknown>;
  /** Paths that were asked for. */
  requests: string[];
  close(): Promise<void>;
};

export async function startTestAuthorizationServer(keys: TestKey[]): Promise<TestAuthorizationServer> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    running.requests.push(path);
    if (running.isAway) return void response.writeHead(503).end();
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer: running.issuer,
        jwks_uri: `${running.issuer}/jwks`,
        ...running.discovery,
      },
      '/jwks': { keys: running.keys },
    };
    if (!answers[path]) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[path]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running: TestAuthorizationServer = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: keys.map((key) => key.jwk),
    isAway: false,
    discovery: {},
    requests: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return running;
}

export type TokenParts = { claims?: JWTPayload; header?: Record<string, unknown>; key: TestKey };

/** Signs whatever it is given: a claim set to undefined is left out. */
export function signToken({ claims, header, key }: TokenParts): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
    .sign(key.privateKey);
}

/** Claims of a good access token. */
export function buildClaims(issuer: string, audience: string): JWTPayload {
  const nowSec = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub: 'user-a',
    client_id: 'client-1',
    jti: crypto.randomUUID(),
    iat: nowSec,
    exp: nowSec + 300,
    auth_time: nowSec,
    acr: 'urn:test:acr:password',
    scope: 'openid read:contacts read:messages write:messages',
  };
}
