/**
 * A client proves who it is at an authorization server that nobody set up for it, in each way that such a server
 * offers: by pushed request, code exchange, refresh and revocation of one session.
 */
import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { afterEach, describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../../lib/strongroom/testing/client-keys.ts';
import {
  expectNoLeak,
  listAuthenticated,
  sessionEnvironment,
  signInAt,
  signOutAt,
  visitExpired,
} from '../support/authenticated-client.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

type Method = 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none';

const clientSecret = 'a secret: with + and % of the 64 bytes that HS512 takes, or of more';
const [oldKey, newKey] = [createClientKey('ES256', { kid: 'old' }), createClientKey('PS256', { kid: 'new' })];
const secrets = [
  { name: 'client secret', value: clientSecret },
  ...[oldKey, newKey].map(({ d, kid }) => ({ name: `key ${kid}`, value: String(d) })),
];

let world: StockWorld;
afterEach(() => world?.close());

const takesHs512 = { enabledJWA: { clientAuthSigningAlgValues: ['HS512' as const] } };

/** A server that offers one way, and an application of which only the credentials are configured. */
async function start(
  method: Method,
  env: Record<string, string>,
  client: (appOrigin: string) => Partial<ClientMetadata> = () => ({ client_secret: clientSecret }),
): Promise<void> {
  world = await startStockWorld({
    client: (appOrigin) => ({ token_endpoint_auth_method: method, ...client(appOrigin) }),
    configuration: { clientAuthMethods: [method], ...(method === 'client_secret_jwt' ? takesHs512 : {}) },
    env: { ...sessionEnvironment, AUTH_CLIENT_SECRET: '', ...env },
  });
}

async function runSession(restart: () => Promise<void> = async () => {}) {
  const browser = await signInAt(world);
  await restart();
  expect((await visitExpired(world, browser)).status).toBe(200);
  await signOutAt(world, browser);
  expectNoLeak(world, browser, secrets);
  return listAuthenticated(world);
}

function expectFreshAssertions(forms: readonly Record<string, string | undefined>[]): void {
  const assertions = forms.map(({ client_assertion = '' }) => client_assertion);
  const claims = assertions.map((assertion) => decodeJwt(assertion));
  expect(new Set(claims.map(({ jti }) => jti)).size).toBe(4);
  for (const { iss, sub, aud, iat = 0, exp = 0 } of claims) {
    expect([iss, sub, aud]).toEqual(['strongroom', 'strongroom', world.server.issuer]);
    expect(exp - iat).toBeLessThanOrEqual(60);
  }
}

/** To everybody, also by an inner name of the host, and without a private member. */
async function expectPublished(kids: readonly string[]): Promise<void> {
  const { port } = new URL(world.appOrigin);
  const response = await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(response.headers.getSetCookie()).toEqual([]);
  const set = (await response.json()) as JSONWebKeySet;
  expect(set.keys.map(({ kid }) => kid)).toEqual(kids);
  const members = set.keys.flatMap((key) => Object.keys(key));
  expect(members.filter((name) => /^(d|p|q|dp|dq|qi|k|oth)$/.test(name))).toEqual([]);
}

describe('a client with a secret', () => {
  it('CA-01: signs in, refreshes and signs out where the server takes client_secret_post alone', async () => {
    await start('client_secret_post', { AUTH_CLIENT_SECRET: clientSecret });
    for (const form of await runSession())
      expect(form).toMatchObject({
        client_id: 'strongroom',
        client_secret: clientSecret,
        authorization: undefined,
      });
  });

  it('CA-01, CA-02: signs in, refreshes and signs out where the server takes client_secret_jwt with HS512 alone', async () => {
    await start('client_secret_jwt', { AUTH_CLIENT_SECRET: clientSecret });
    const forms = await runSession();
    expectFreshAssertions(forms);
    for (const { client_assertion = '' } of forms)
      await jwtVerify(client_assertion, Buffer.from(clientSecret), { algorithms: ['HS512'] });
  });
});

describe('a client with a key', () => {
  it('CA-02, CA-03: signs in with one key, and refreshes and signs out with the next, both of which the server fetched', async () => {
    await start('private_key_jwt', { AUTH_CLIENT_KEYS: writeKeySet(oldKey, newKey) }, (appOrigin) => ({
      client_secret: undefined,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${appOrigin}/.well-known/jwks.json`,
    }));
    await expectPublished(['old', 'new']);
    const forms = await runSession(() => world.restart({ AUTH_CLIENT_KEYS: writeKeySet(newKey, oldKey) }));
    expectFreshAssertions(forms);
    const headers = forms.map(({ client_assertion = '' }) => decodeProtectedHeader(client_assertion));
    expect(headers.map(({ kid, alg }) => `${kid} ${alg}`)).toEqual([
      'old ES256',
      'old ES256',
      'new PS256',
      'new PS256',
    ]);
  });
});

describe('a client without credentials', () => {
  it('CA-01: signs in, refreshes and signs out by PKCE alone, as the operator asks', async () => {
    await start('none', { AUTH_CLIENT_AUTH: 'none' }, () => ({ client_secret: undefined }));
    const forms = await runSession();
    for (const form of forms) {
      expect(form).toMatchObject({ client_id: 'strongroom', authorization: undefined });
      expect(Object.keys(form).filter((name) => /secret|assertion/.test(name))).toEqual([]);
    }
    expect(forms[1]?.code_verifier).toMatch(/^[\w-]{43}/);
  });
});
