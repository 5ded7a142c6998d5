import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newRandomId } from '../base/random-id';
import type { CookieOptions } from '../session/cookie-jar';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { allScopes, declareThreeApis } from '../testing/three-apis';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { buildAuthorizationRequest, exchangeCode } from './exchange-code';

const jar = createTestJar();
/** next-auth writes its checks here, and they are moved out at once. */
vi.mock('next/headers', () => ({
  headers: async () => new Headers(),
  cookies: async () => ({
    set: (name: string, value: string, options: CookieOptions) => jar.write(name, value, options),
  }),
}));

let server: TokenEndpoint;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
const count = 2_000;
/**
 * How many samples may have a bit set: six standard deviations to each side, which chance exceeds once in
 * many million runs.
 */
const bounds = [count / 2 - 3 * Math.sqrt(count), count / 2 + 3 * Math.sqrt(count)] as const;

beforeEach(() => {
  server.restart();
  useEnvironment({ AUTH_ISSUER: server.origin });
});

it('AZ-02, AZ-03: in 2,000 requests no state, nonce, verifier or challenge repeats, and each of their bits is random', async () => {
  const made: Record<'state' | 'nonce' | 'verifier', string[]> = { state: [], nonce: [], verifier: [] };
  const challenges = new Set<string | null>();
  for (let number = 0; number < count; number += 1) {
    const state = newRandomId();
    const request = { state, scopes: ['openid'], parameters: {} };
    const { url, checks } = await buildAuthorizationRequest(request, jar);
    expect(url.searchParams.get('state')).toBe(state);
    expect(url.href).not.toContain(checks.codeVerifier);
    challenges.add(url.searchParams.get('code_challenge'));
    made.state.push(state);
    made.nonce.push(checks.nonce);
    made.verifier.push(checks.codeVerifier);
  }
  expect(challenges.size).toBe(count);
  for (const [name, texts] of Object.entries(made)) {
    const bytes = texts.map((text) => Buffer.from(text, 'base64url'));
    expect(new Set(texts).size, name).toBe(count);
    expect(new Set(bytes.map(({ length }) => length)), name).toEqual(new Set([name === 'state' ? 16 : 32]));
    expect(findBiasedBits(bytes), name).toEqual([]);
  }
});

it('AZ-03: a server without ID tokens gets no nonce, which only they carry, and the exchange has one all the same', async () => {
  const AUTH_USERINFO_ENDPOINT = `${server.origin}/user`;
  const plain = { AUTH_USER_CLAIMS: 'sub=id', AUTH_SCOPES: 'read:user', AUTH_USERINFO_ENDPOINT };
  useEnvironment({ AUTH_ISSUER: server.origin, ...plain });
  const request = { state: newRandomId(), scopes: ['read:user'], parameters: {} };
  const { url, checks } = await buildAuthorizationRequest(request, jar);
  expect([url.searchParams.has('nonce'), url.searchParams.has('code_challenge')]).toEqual([false, true]);
  server.onTokenRequest = ({ respond }) => respond({ access_token: 'a' });
  await exchangeCode('code-1', { ...checks, dpopKey: null, ...request, id: request.state });
  expect(server.tokenRequests).toHaveLength(1);
});

it('AZ-02, AZ-03: the test notices a bit that is not random', () => {
  const even = Array.from({ length: count }, () => crypto.getRandomValues(Buffer.alloc(16)));
  expect(findBiasedBits(even)).toEqual([]);
  for (const bytes of even) bytes[3] = (bytes[3] ?? 0) | 0b100;
  expect(findBiasedBits(even)).toEqual([26]);
});

/** Numbers of the bits that are set too often or too seldom. */
function findBiasedBits(samples: readonly Uint8Array[]): number[] {
  const bits = Array.from({ length: (samples[0]?.length ?? 0) * 8 }, (_, bit) => bit);
  return bits.filter((bit) => {
    const set = samples.filter((bytes) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
    return set < bounds[0] || set > bounds[1];
  });
}

describe('the code exchange', () => {
  const transaction = {
    id: newRandomId(),
    codeVerifier: 'v'.repeat(43),
    nonce: 'n'.repeat(43),
    dpopKey: null,
    scopes: allScopes,
  };

  it.each([
    ['scope', 'openid profile email offline_access read:contacts'],
    ['resource', null],
    ['none', null],
  ])(
    'AZ-10: with AUTH_AUDIENCE_AS=%s names the scopes %s, for the first of several APIs',
    async (as, scope) => {
      declareThreeApis({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE_AS: as });
      server.onTokenRequest = ({ respond }) => respond({ any: 'response' });
      await exchangeCode('code-1', transaction);
      const { form } = await server.arrival();
      expect([form.get('scope'), form.has('resource')]).toEqual([scope, as === 'resource']);
    },
  );

  it.each(['client_secret_basic', 'client_secret_post'])(
    'TK-01: is one request with code, verifier and redirect URI, authenticated once (%s)',
    async (clientAuthentication) => {
      useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_AUTH: clientAuthentication });
      server.onTokenRequest = ({ respond }) => respond({ any: 'response' });
      await exchangeCode('code-1', transaction);
      const isBasic = clientAuthentication === 'client_secret_basic';
      expect(server.tokenRequests).toHaveLength(1);
      const { form, authorization } = await server.arrival();
      expect(Object.fromEntries(form)).toEqual({
        grant_type: 'authorization_code',
        code: 'code-1',
        code_verifier: transaction.codeVerifier,
        redirect_uri: 'https://app.example/auth/callback/provider',
        ...(isBasic ? {} : { client_id: 'client-1', client_secret: 'kT5bW9qN2rV7xM4p' }),
      });
      expect(authorization?.split(' ')[0]).toBe(isBasic ? 'Basic' : undefined);
    },
  );

  it.each([
    [200, { access_token: 'access-1', token_type: 'Bearer', id_token: 'not.a.token' }],
    [200, { access_token: 7 }],
    [400, { error: 'invalid_grant' }],
    [401, {}],
  ])(
    'returns the response with status %i unchanged, without a decision by next-auth',
    async (status, body) => {
      server.onTokenRequest = ({ respond }) => respond(body, status);
      const response = { status, contentType: 'application/json', text: JSON.stringify(body) };
      expect(await exchangeCode('code-1', transaction)).toEqual(response);
    },
  );

  it('TK-05: fails with the error of the request, not with one of next-auth', async () => {
    server.onTokenRequest = ({ respond }) => respond({}, 503);
    const { code, reason } = await appErrorOf(() => exchangeCode('code-1', transaction));
    expect([code, reason]).toEqual(['temporarily_unavailable', 'status_503']);
    expect(server.tokenRequests).toHaveLength(1);
  });
});
