/**
 * The application at `oidc-provider` in its FAPI 2.0 mode, and at one that requires signed requests: without a
 * secret, with one key. @see FAPI 2.0 Security Profile, RFC 9101
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../../lib/strongroom/testing/client-keys.ts';
import { type DpopApi, startDpopApi } from '../support/dpop-api.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

const privateKey = createClientKey() as JWK;
const { d: _d, ...publicKey } = privateKey;
const jwks = { keys: [publicKey] };
const withKey = {
  client_secret: undefined,
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  request_object_signing_alg: 'ES256',
  jwks,
} as const;
const keyAlone = { AUTH_CLIENT_SECRET: '', AUTH_CLIENT_KEYS: writeKeySet(privateKey) };

/** The keys with which the server signs. */
function makeServerKeys(alg: 'ES256' | 'RS256') {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `stock-${alg}` };
}

async function signInAt({ appOrigin, app }: StockWorld, returnTo = '/dashboard/contacts') {
  const browser = new HttpBrowser();
  const page = await browser.follow(`${appOrigin}/auth/sign-in?return_to=${returnTo}`);
  expect([page.status, page.url.pathname], app.lines.join('\n')).toEqual([200, returnTo]);
  expect(page.html).toContain('Stock User');
  return { browser, page };
}

async function signOutAt({ appOrigin }: StockWorld, browser: HttpBrowser): Promise<void> {
  const asked = await browser.submit(await browser.visit(`${appOrigin}/dashboard`), /sign-out/);
  const out = await browser.submit(asked, /session\/end\/confirm/, { logout: 'yes' });
  expect(out.url.pathname).toBe('/signed-out');
}

describe('SECURITY_PROFILE=fapi2 at a server in FAPI 2.0 mode', () => {
  let world: StockWorld;
  let api: DpopApi;
  beforeAll(async () => {
    api = await startDpopApi(async (token) => (await world.server.provider.AccessToken.find(token))?.jkt);
    world = await startStockWorld({
      client: { ...withKey, dpop_bound_access_tokens: true, id_token_signed_response_alg: 'ES256' },
      configuration: {
        clientAuthMethods: ['private_key_jwt'],
        enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
        features: {
          fapi: { enabled: true, profile: '2.0' },
          pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
          dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
        },
        jwks: { keys: [makeServerKeys('ES256')] },
        pkce: { required: () => true },
        ttl: { AccessToken: 60 },
      },
      env: { ...keyAlone, SECURITY_PROFILE: 'fapi2', API_BASE_URL: api.origin },
    });
  });
  afterAll(() => Promise.all([world?.close(), api?.close()]));

  it('CA-02, CA-04, CA-05, AZ-13: signs in by a pushed request and its key, calls the API by a bound token, and signs out', async () => {
    const { browser } = await signInAt(world);
    expect(api.requests.filter((line) => line.endsWith(' 200'))).not.toEqual([]);
    expect(api.faults).toEqual([]);
    const addresses = world.server.requests.filter(({ url }) => url.pathname === '/auth');
    expect(addresses.map(({ url }) => [...url.searchParams.keys()].toSorted().join(' '))).toEqual([
      'client_id request_uri',
    ]);
    const posts = world.server.requests.filter(({ form }) => form.has('client_assertion'));
    expect(posts.map(({ url }) => url.pathname)).toEqual(expect.arrayContaining(['/request', '/token']));
    expect(new Set(posts.map(({ form }) => form.get('client_assertion'))).size).toBe(posts.length);
    await signOutAt(world, browser);
  });

  it('the page and readiness say which protections are on', async () => {
    const { page } = await signInAt(world, '/dashboard/access');
    for (const words of [
      'How it is protected',
      'What open banking requires (FAPI 2.0)',
      'private_key_jwt',
      'DPoP',
    ])
      expect(page.html).toContain(words);
    const ready = await fetch(`${world.appOrigin}/readyz`);
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      protections: 'FAPI 2.0, private_key_jwt, PKCE (S256), pushed requests, iss in the response, DPoP',
    });
  });
});

describe('at a server that requires signed requests', () => {
  let world: StockWorld;
  beforeAll(async () => {
    world = await startStockWorld({
      client: withKey,
      configuration: {
        features: { requestObjects: { enabled: true, requireSignedRequestObject: true } },
      },
      env: { ...keyAlone, AUTH_PAR: 'when-required' },
    });
  });
  afterAll(() => world?.close());

  it('AZ-19: the browser carries one object that the key of the client has signed, and the user is signed in', async () => {
    const { browser } = await signInAt(world);
    const asked = world.server.requests.find(({ url }) => url.pathname === '/auth')?.url.searchParams;
    expect([...(asked?.keys() ?? [])].toSorted()).toEqual(['client_id', 'request']);
    const { payload } = await jwtVerify(asked?.get('request') ?? '', createLocalJWKSet(jwks), {
      audience: world.server.issuer,
      issuer: 'strongroom',
      typ: 'oauth-authz-req+jwt',
    });
    expect(payload).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' });
    await signOutAt(world, browser);
  });
});
