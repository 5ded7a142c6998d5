/** OpenID Connect Core §12.2: an ID token that comes with a refresh. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../../testing/environment';
import { createTestKey, signIdToken, type TestKey, withHeader } from '../../testing/id-tokens';
import { failureOfRefresh, goodRefresh, refreshedWith, refreshingUser } from '../../testing/refresh-response';
import { buildSession, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';

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

describe('a refreshed ID token', () => {
  const withClaims = async (claims: Record<string, unknown>, own = key) =>
    signIdToken({ key: own, claims: { iss: server.origin, nonce: undefined, ...claims } });

  it('RF-10: of the same user replaces the old one, without a nonce', async () => {
    const id_token = await withClaims({});
    expect((await refreshedWith(server, { id_token })).idToken).toBe(id_token);
  });

  it.each([
    [{ sub: 'user-2' }],
    [{ sub: undefined }],
    [{ iss: 'https://other.example' }],
    [{ aud: 'client-2' }],
    [{ azp: 'client-2' }],
  ])('RF-10: with %j is rejected, and only signing in again helps', async (claims) => {
    const id_token = await withClaims(claims);
    expect((await failureOfRefresh(server, { id_token })).code).toBe('invalid_grant');
  });

  it.each([[['JWT']], [null], [7], [{}], [true], [['at+jwt']]])(
    'RF-10: whose type is %j is rejected, and its tokens are not used',
    async (typ) => {
      const id_token = await withHeader(await withClaims({}), key, { typ });
      expect((await failureOfRefresh(server, { id_token })).reason).toBe('refreshed_id_token_rejected');
    },
  );

  it('RF-10: of another user gives no request a token, and the refresh is not repeated', async () => {
    const id_token = await withClaims({ sub: 'user-2' });
    server.onTokenRequest = (request) => request.respond({ ...goodRefresh, id_token });
    const session = { ...buildSession(), user: refreshingUser(server) };
    const rejected = { kind: 'login_required', reason: 'refreshed_id_token_sub' };
    expect(await refreshTokens(session)).toEqual(rejected);
    expect(await refreshTokens(session)).toEqual(rejected);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-10: of another user ends the session, also beside an access token that cannot be used', async () => {
    const id_token = await withClaims({ sub: 'user-2' });
    const error = await failureOfRefresh(server, { id_token, token_type: 'N_A' });
    expect([error.code, error.reason]).toEqual(['invalid_grant', 'refreshed_id_token_sub']);
  });

  it('ID-01: with a forged signature is rejected', async () => {
    const forged = await withClaims({}, await createTestKey('ES256', key.kid));
    expect((await failureOfRefresh(server, { id_token: forged })).reason).toBe('refreshed_id_token_rejected');
  });

  it('RF-07: whose keys cannot be fetched now is left out, and the new tokens are used with the old ID token', async () => {
    server.handlers['/keys'] = (_request, response) => void response.writeHead(503).end();
    const id_token = await withClaims({});
    expect(await refreshedWith(server, { id_token })).toMatchObject({
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
    expect(await refreshedWith(server, { id_token })).toMatchObject({
      refreshToken: 'refresh-2',
      idToken: 'header.payload.signature',
    });
  });

  it('RF-07, DI-07: by a key that is not published yet is left out, unless it is about another user', async () => {
    const early = await createTestKey('ES256', 'key-of-tomorrow');
    expect(await refreshedWith(server, { id_token: await withClaims({}, early) })).toMatchObject({
      refreshToken: 'refresh-2',
    });
    const other = await withClaims({ sub: 'user-2' }, early);
    expect((await failureOfRefresh(server, { id_token: other })).code).toBe('invalid_grant');
    const late = await withClaims({ sub: 'user-2', exp: noonSec - 90, iat: noonSec - 400 });
    expect((await failureOfRefresh(server, { id_token: late })).code).toBe('invalid_grant');
  });
});
