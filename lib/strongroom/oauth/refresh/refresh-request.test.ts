import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenSet } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { appErrorOf } from '../../testing/expect-app-error';
import { createTestKey, signIdToken, type TestKey } from '../../testing/id-tokens';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { assumedLifetimeSec } from '../token-response';
import { refreshTokens } from './refresh-coordinator';
import { requestFreshTokens } from './refresh-request';

let server: TokenEndpoint;
let key: TestKey;

beforeAll(async () => {
  [server, key] = await Promise.all([startTokenEndpoint(), createTestKey()]);
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart([key.jwk]);
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const old = buildTokens();
const user = () => ({ ...buildSession().user, issuer: server.origin });
const good = { access_token: 'access-2', token_type: 'Bearer', expires_in: 600, refresh_token: 'refresh-2' };

function refresh(answer: Record<string, unknown>): Promise<TokenSet> {
  server.answer = (request) => request.respond({ ...good, ...answer });
  return requestFreshTokens(old, 'refresh-1', user());
}

describe('an answer to a refresh', () => {
  it('RF-09: without refresh_token keeps the old one', async () => {
    expect((await refresh({ refresh_token: undefined })).refreshToken).toBe('refresh-1');
  });

  it('RF-09: without scope keeps the permissions', async () => {
    expect((await refresh({ scope: undefined })).scopes).toEqual(old.scopes);
  });

  it('RF-09: without id_token keeps the old one', async () => {
    expect((await refresh({})).idToken).toBe(old.idToken);
  });

  it('RF-09: without expires_in assumes a short lifetime', async () => {
    expect((await refresh({ expires_in: undefined })).expiresAtSec).toBe(noonSec + assumedLifetimeSec);
  });

  it('RF-11: with fewer scopes narrows, with more does not widen', async () => {
    expect((await refresh({ scope: 'openid' })).scopes).not.toContain('read:contacts');
    expect((await refresh({ scope: 'read:contacts admin' })).scopes).toEqual(old.scopes);
  });

  it('RF-17: that took long makes no token younger than it is', async () => {
    server.answer = (request) => {
      vi.setSystemTime((noonSec + 60) * 1000);
      request.respond(good);
    };
    const tokens = await requestFreshTokens(old, 'refresh-1', user());
    expect([tokens.obtainedAtSec, tokens.expiresAtSec]).toEqual([noonSec, noonSec + 600]);
  });

  it('AZ-10: asks for the configured API again', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE: 'https://api.example' });
    await refresh({});
    const { form } = await server.arrival();
    expect([form.get('audience'), form.get('resource')]).toEqual([
      'https://api.example',
      'https://api.example',
    ]);
  });

  it('CA-01: by client_secret_post carries the credentials in the body alone', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_AUTH: 'client_secret_post' });
    await refresh({});
    const { form, authorization } = await server.arrival();
    expect([form.get('client_id'), authorization]).toEqual(['client-1', undefined]);
  });

  it('CA-01: by client_secret_basic encodes what a form would encode', async () => {
    const secret = 'a:b%c+d e&ü-0123456789';
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_SECRET: secret });
    await refresh({});
    const { authorization = '' } = await server.arrival();
    const [, password = ''] = atob(authorization.slice('Basic '.length)).split(':');
    expect(decodeURIComponent(password.replaceAll('+', ' '))).toBe(secret);
  });
});

describe('a refreshed ID token', () => {
  const withClaims = async (claims: Record<string, unknown>, own = key) =>
    signIdToken({ key: own, claims: { iss: server.origin, nonce: undefined, ...claims } });

  it('RF-10: of the same person previousRefreshKey the old one, without a nonce', async () => {
    const id_token = await withClaims({});
    expect((await refresh({ id_token })).idToken).toBe(id_token);
  });

  it.each([
    [{ sub: 'user-2' }],
    [{ sub: undefined }],
    [{ iss: 'https://other.example' }],
    [{ aud: 'client-2' }],
    [{ azp: 'client-2' }],
  ])('RF-10: with %j ends the session', async (claims) => {
    const id_token = await withClaims(claims);
    expect((await appErrorOf(() => refresh({ id_token }))).code).toBe('invalid_grant');
  });

  it('RF-10: of somebody else gives nobody a token, and is not asked for again', async () => {
    const id_token = await withClaims({ sub: 'user-2' });
    server.answer = (request) => request.respond({ ...good, id_token });
    const session = { ...buildSession(), user: user() };
    const ended = { kind: 'ended', reason: 'refreshed_id_token_sub' };
    expect(await refreshTokens(session)).toEqual(ended);
    expect(await refreshTokens(session)).toEqual(ended);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('ID-01: with a forged signature is not believed', async () => {
    const forged = await withClaims({}, await createTestKey('ES256', key.kid));
    expect((await appErrorOf(() => refresh({ id_token: forged }))).reason).toBe(
      'refreshed_id_token_rejected',
    );
  });

  it('RF-07: whose keys cannot be fetched now is left out: the new tokens are kept, and the old ID token with them', async () => {
    server.answers['/keys'] = (_request, response) => void response.writeHead(503).end();
    const id_token = await withClaims({});
    expect(await refresh({ id_token })).toMatchObject({
      refreshToken: 'refresh-2',
      idToken: 'header.payload.signature',
    });
  });

  it.each([
    ['of a clock that is ahead', { iat: noonSec + 90, exp: noonSec + 400 }],
    ['that ends already', { iat: noonSec - 400, exp: noonSec - 90 }],
    ['not valid yet', { nbf: noonSec + 90 }],
  ])('RF-07: one %s says nothing about whom it is for, and is left out', async (_what, times) => {
    const id_token = await withClaims(times);
    expect(await refresh({ id_token })).toMatchObject({
      refreshToken: 'refresh-2',
      idToken: 'header.payload.signature',
    });
  });

  it('RF-07, DI-07: one by a key that is not published yet is left out; about somebody else it is rejected', async () => {
    const early = await createTestKey('ES256', 'key-of-tomorrow');
    expect(await refresh({ id_token: await withClaims({}, early) })).toMatchObject({
      refreshToken: 'refresh-2',
    });
    const other = await withClaims({ sub: 'user-2' }, early);
    expect((await appErrorOf(() => refresh({ id_token: other }))).code).toBe('invalid_grant');
    const late = await withClaims({ sub: 'user-2', exp: noonSec - 90, iat: noonSec - 400 });
    expect((await appErrorOf(() => refresh({ id_token: late }))).code).toBe('invalid_grant');
  });
});
