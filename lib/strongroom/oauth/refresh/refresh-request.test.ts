import { calculateJwkThumbprint, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../../testing/environment';
import { createTestKey, type TestKey } from '../../testing/id-tokens';
import { goodRefresh, oldTokens, refreshedWith, refreshingUser } from '../../testing/refresh-response';
import { buildSession, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { bindCode, createDpopKey } from '../dpop';
import { assumedLifetimeSec } from '../token-response';
import { refreshTokens } from './refresh-coordinator';
import { requestFreshTokens } from './refresh-request';
import { toChainLink } from './result-cache';

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

describe('the response to a refresh', () => {
  it('TK-11: at a server without ID tokens, one that comes all the same is not looked at', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_USER_CLAIMS: 'sub=id',
      AUTH_USERINFO_ENDPOINT: `${server.origin}/user`,
    });
    expect((await refreshedWith(server, { id_token: 'not.even.one' })).refreshToken).toBe('refresh-2');
  });

  it('RF-09: without refresh_token, the old one stays', async () => {
    expect((await refreshedWith(server, { refresh_token: undefined })).refreshToken).toBe('refresh-1');
  });

  it('RF-09: without scope, the permissions stay', async () => {
    expect((await refreshedWith(server, { scope: undefined })).scopes).toEqual(oldTokens.scopes);
  });

  it('RF-09: without id_token, the old one stays', async () => {
    expect((await refreshedWith(server, {})).idToken).toBe(oldTokens.idToken);
  });

  it('RF-09: without expires_in, a short lifetime is assumed', async () => {
    expect((await refreshedWith(server, { expires_in: undefined })).expiresAtSec).toBe(
      noonSec + assumedLifetimeSec,
    );
  });

  it('RF-04: with a new refresh token, the tokens name the one that they replaced', async () => {
    expect((await refreshedWith(server, {})).previousRefreshKey).toBe(toChainLink(oldTokens).key);
    const unrotated = await refreshedWith(server, { refresh_token: undefined });
    expect(unrotated.previousRefreshKey).toBe(oldTokens.previousRefreshKey);
  });

  it('RF-11: fewer scopes are fewer permissions, and more scopes are not more', async () => {
    expect((await refreshedWith(server, { scope: 'openid' })).scopes).not.toContain('read:contacts');
    expect((await refreshedWith(server, { scope: 'read:contacts admin' })).scopes).toEqual(oldTokens.scopes);
  });

  it('CA-04, RF-09: with DPoP is to a request with a proof, and the tokens keep their key', async () => {
    const dpopKey = await createDpopKey();
    const bound = { ...oldTokens, dpopKey };
    server.onTokenRequest = ({ respond }) => respond({ ...goodRefresh, token_type: 'DPoP' });
    const result = await requestFreshTokens(toChainLink(bound), refreshingUser(server));
    expect(result).toMatchObject({ kind: 'fresh', tokens: { accessToken: 'access-2', dpopKey } });
    const { jwk } = decodeProtectedHeader((await server.arrival()).proof ?? '');
    expect(await calculateJwkThumbprint(jwk as JWK)).toBe((await bindCode(dpopKey)).dpop_jkt);
  });

  it('CA-08: with a bearer token for a bound one is not used, and the session stays', async () => {
    const bound = { ...oldTokens, dpopKey: await createDpopKey() };
    server.onTokenRequest = ({ respond }) => respond(goodRefresh);
    const session = buildSession({
      user: refreshingUser(server),
      tokens: { ...bound, expiresAtSec: noonSec - 1 },
    });
    const tokens = { accessToken: oldTokens.accessToken, refreshToken: 'refresh-2' };
    expect(await refreshTokens(session)).toMatchObject({ kind: 'fresh', tokens });
    expect(await refreshTokens(session)).toEqual({ kind: 'retry_later', reason: 'dpop_not_bound' });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CA-07: is never asked for with a key that cannot be read, and the session is over', async () => {
    const dpopKey = 'A'.repeat(43);
    const session = buildSession({
      user: refreshingUser(server),
      tokens: { ...oldTokens, dpopKey, expiresAtSec: noonSec - 1 },
    });
    expect(await refreshTokens(session)).toEqual({ kind: 'login_required', reason: 'dpop_key' });
    expect(server.tokenRequests).toEqual([]);
  });

  it('RF-17: a slow response does not make its token look younger', async () => {
    server.onTokenRequest = ({ respond }) => {
      vi.setSystemTime((noonSec + 60) * 1000);
      respond(goodRefresh);
    };
    expect(await requestFreshTokens(toChainLink(oldTokens), refreshingUser(server))).toMatchObject({
      tokens: { obtainedAtSec: noonSec, expiresAtSec: noonSec + 600 },
    });
  });

  it('AZ-10: the request names the configured API again', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE: 'https://api.example' });
    await refreshedWith(server, {});
    const { form } = await server.arrival();
    expect([form.get('audience'), form.get('resource')]).toEqual([
      'https://api.example',
      'https://api.example',
    ]);
  });

  it('CA-01: with client_secret_post, the credentials are in the body alone', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_AUTH: 'client_secret_post' });
    await refreshedWith(server, {});
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
    await refreshedWith(server, {});
    const { authorization = '' } = await server.arrival();
    const [, password = ''] = atob(authorization.slice('Basic '.length)).split(':');
    expect(decodeURIComponent(password.replaceAll('+', ' '))).toBe(secret);
  });
});
