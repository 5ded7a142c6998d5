import { calculateJwkThumbprint, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppError } from '../../base/errors';
import { useEnvironment } from '../../testing/environment';
import { createTestKey, signIdToken, type TestKey, withHeader } from '../../testing/id-tokens';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { bindCode, createDpopKey } from '../dpop';
import { assumedLifetimeSec } from '../token-response';
import { refreshTokens } from './refresh-coordinator';
import { requestFreshTokens } from './refresh-request';
import { type RefreshableTokens, toChainLink } from './result-cache';

let server: TokenEndpoint;
let key: TestKey;

beforeAll(async () => {
  [server, key] = await Promise.all([startTokenEndpoint(), createTestKey()]);
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart([key.jwk]);
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const old = { ...buildTokens({ previousRefreshKey: 'key-0' }), refreshToken: 'refresh-1' };
const user = () => ({ ...buildSession().user, issuer: server.origin });
const good = { access_token: 'access-2', token_type: 'Bearer', expires_in: 600, refresh_token: 'refresh-2' };

function request(changes: Record<string, unknown>) {
  server.onTokenRequest = ({ respond }) => respond({ ...good, ...changes });
  return requestFreshTokens(toChainLink(old), user());
}

async function refresh(changes: Record<string, unknown>): Promise<RefreshableTokens> {
  const result = await request(changes);
  if (result.kind !== 'fresh') throw result.error;
  return result.tokens;
}

async function failureOf(changes: Record<string, unknown>): Promise<AppError> {
  const result = await request(changes);
  if (result.kind === 'fresh') throw new Error('was expected to fail and did not');
  return result.error;
}

describe('the response to a refresh', () => {
  it('TK-11: at a server without ID tokens, one that comes all the same is not looked at', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_USER_CLAIMS: 'sub=id',
      AUTH_USERINFO_ENDPOINT: `${server.origin}/user`,
    });
    expect((await refresh({ id_token: 'not.even.one' })).refreshToken).toBe('refresh-2');
  });

  it('RF-09: without refresh_token, the old one stays', async () => {
    expect((await refresh({ refresh_token: undefined })).refreshToken).toBe('refresh-1');
  });

  it('RF-09: without scope, the permissions stay', async () => {
    expect((await refresh({ scope: undefined })).scopes).toEqual(old.scopes);
  });

  it('RF-09: without id_token, the old one stays', async () => {
    expect((await refresh({})).idToken).toBe(old.idToken);
  });

  it('RF-09: without expires_in, a short lifetime is assumed', async () => {
    expect((await refresh({ expires_in: undefined })).expiresAtSec).toBe(noonSec + assumedLifetimeSec);
  });

  it('RF-04: with a new refresh token, the tokens name the one that they replaced', async () => {
    expect((await refresh({})).previousRefreshKey).toBe(toChainLink(old).key);
    const unrotated = await refresh({ refresh_token: undefined });
    expect(unrotated.previousRefreshKey).toBe(old.previousRefreshKey);
  });

  it('RF-11: fewer scopes are fewer permissions, and more scopes are not more', async () => {
    expect((await refresh({ scope: 'openid' })).scopes).not.toContain('read:contacts');
    expect((await refresh({ scope: 'read:contacts admin' })).scopes).toEqual(old.scopes);
  });

  it('CA-04, RF-09: with DPoP is to a request with a proof, and the tokens keep their key', async () => {
    const dpopKey = await createDpopKey();
    const bound = { ...old, dpopKey };
    server.onTokenRequest = ({ respond }) => respond({ ...good, token_type: 'DPoP' });
    const result = await requestFreshTokens(toChainLink(bound), user());
    expect(result).toMatchObject({ kind: 'fresh', tokens: { accessToken: 'access-2', dpopKey } });
    const { jwk } = decodeProtectedHeader((await server.arrival()).proof ?? '');
    expect(await calculateJwkThumbprint(jwk as JWK)).toBe((await bindCode(dpopKey)).dpop_jkt);
  });

  it('CA-08: with a bearer token for a bound one is not used, and the session stays', async () => {
    const bound = { ...old, dpopKey: await createDpopKey() };
    server.onTokenRequest = ({ respond }) => respond(good);
    const session = buildSession({ user: user(), tokens: { ...bound, expiresAtSec: noonSec - 1 } });
    const tokens = { accessToken: old.accessToken, refreshToken: 'refresh-2' };
    expect(await refreshTokens(session)).toMatchObject({ kind: 'fresh', tokens });
    expect(await refreshTokens(session)).toEqual({ kind: 'retry_later', reason: 'dpop_not_bound' });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CA-07: is never asked for with a key that cannot be read, and the session is over', async () => {
    const dpopKey = 'A'.repeat(43);
    const session = buildSession({ user: user(), tokens: { ...old, dpopKey, expiresAtSec: noonSec - 1 } });
    expect(await refreshTokens(session)).toEqual({ kind: 'login_required', reason: 'dpop_key' });
    expect(server.tokenRequests).toEqual([]);
  });

  it('RF-17: a slow response does not make its token look younger', async () => {
    server.onTokenRequest = ({ respond }) => {
      vi.setSystemTime((noonSec + 60) * 1000);
      respond(good);
    };
    expect(await requestFreshTokens(toChainLink(old), user())).toMatchObject({
      tokens: { obtainedAtSec: noonSec, expiresAtSec: noonSec + 600 },
    });
  });

  it('AZ-10: the request names the configured API again', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE: 'https://api.example' });
    await refresh({});
    const { form } = await server.arrival();
    expect([form.get('audience'), form.get('resource')]).toEqual([
      'https://api.example',
      'https://api.example',
    ]);
  });

  it('CA-01: with client_secret_post, the credentials are in the body alone', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_AUTH: 'client_secret_post' });
    await refresh({});
    const { form, authorization } = await server.arrival();
    expect([form.get('client_id'), authorization]).toEqual(['client-1', undefined]);
  });

  it('CA-01: with client_secret_basic_encoded, the secret is form-encoded', async () => {
    const secret = 'a:b%c+d e&ü-0123456789';
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_CLIENT_SECRET: secret,
      AUTH_CLIENT_AUTH: 'client_secret_basic_encoded',
    });
    await refresh({});
    const { authorization = '' } = await server.arrival();
    const [, password = ''] = atob(authorization.slice('Basic '.length)).split(':');
    expect(decodeURIComponent(password.replaceAll('+', ' '))).toBe(secret);
  });
});

describe('a refreshed ID token', () => {
  const withClaims = async (claims: Record<string, unknown>, own = key) =>
    signIdToken({ key: own, claims: { iss: server.origin, nonce: undefined, ...claims } });

  it('RF-10: of the same user replaces the old one, without a nonce', async () => {
    const id_token = await withClaims({});
    expect((await refresh({ id_token })).idToken).toBe(id_token);
  });

  it.each([
    [{ sub: 'user-2' }],
    [{ sub: undefined }],
    [{ iss: 'https://other.example' }],
    [{ aud: 'client-2' }],
    [{ azp: 'client-2' }],
  ])('RF-10: with %j is rejected, and only signing in again helps', async (claims) => {
    const id_token = await withClaims(claims);
    expect((await failureOf({ id_token })).code).toBe('invalid_grant');
  });

  it.each([[['JWT']], [null], [7], [{}], [true], [['at+jwt']]])(
    'RF-10: whose type is %j is rejected, and its tokens are not used',
    async (typ) => {
      const id_token = await withHeader(await withClaims({}), key, { typ });
      expect((await failureOf({ id_token })).reason).toBe('refreshed_id_token_rejected');
    },
  );

  it('RF-10: of another user gives no request a token, and the refresh is not repeated', async () => {
    const id_token = await withClaims({ sub: 'user-2' });
    server.onTokenRequest = (request) => request.respond({ ...good, id_token });
    const session = { ...buildSession(), user: user() };
    const rejected = { kind: 'login_required', reason: 'refreshed_id_token_sub' };
    expect(await refreshTokens(session)).toEqual(rejected);
    expect(await refreshTokens(session)).toEqual(rejected);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-10: of another user ends the session, also beside an access token that cannot be used', async () => {
    const id_token = await withClaims({ sub: 'user-2' });
    const error = await failureOf({ id_token, token_type: 'N_A' });
    expect([error.code, error.reason]).toEqual(['invalid_grant', 'refreshed_id_token_sub']);
  });

  it('ID-01: with a forged signature is rejected', async () => {
    const forged = await withClaims({}, await createTestKey('ES256', key.kid));
    expect((await failureOf({ id_token: forged })).reason).toBe('refreshed_id_token_rejected');
  });

  it('RF-07: whose keys cannot be fetched now is left out, and the new tokens are used with the old ID token', async () => {
    server.handlers['/keys'] = (_request, response) => void response.writeHead(503).end();
    const id_token = await withClaims({});
    expect(await refresh({ id_token })).toMatchObject({
      refreshToken: 'refresh-2',
      idToken: 'header.payload.signature',
    });
  });

  it.each([
    ['from a clock that is ahead', { iat: noonSec + 90, exp: noonSec + 400 }],
    ['that has expired', { iat: noonSec - 400, exp: noonSec - 90 }],
    ['that is not valid yet', { nbf: noonSec + 90 }],
  ])('RF-07: %s is left out, and the new tokens are used', async (_what, times) => {
    const id_token = await withClaims(times);
    expect(await refresh({ id_token })).toMatchObject({
      refreshToken: 'refresh-2',
      idToken: 'header.payload.signature',
    });
  });

  it('RF-07, DI-07: by a key that is not published yet is left out, unless it is about another user', async () => {
    const early = await createTestKey('ES256', 'key-of-tomorrow');
    expect(await refresh({ id_token: await withClaims({}, early) })).toMatchObject({
      refreshToken: 'refresh-2',
    });
    const other = await withClaims({ sub: 'user-2' }, early);
    expect((await failureOf({ id_token: other })).code).toBe('invalid_grant');
    const late = await withClaims({ sub: 'user-2', exp: noonSec - 90, iat: noonSec - 400 });
    expect((await failureOf({ id_token: late })).code).toBe('invalid_grant');
  });
});
