/** A server whose endpoints are configured, all or some, and whether it can be reached. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { noonSec } from '../testing/sessions';
import { getMetadata, isServerReachable } from './metadata';

describe('discovery', () => {
  const path = '/.well-known/openid-configuration';
  let server: TestServer;

  const about = (origin: string) => ({
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/keys`,
  });
  const wait = (ms: number) => void vi.advanceTimersByTime(ms);
  const patience = { timeout: 120_000 };

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  beforeEach(() => {
    server.reset();
    useEnvironment({ AUTH_ISSUER: server.origin });
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  });
  afterEach(() => void vi.useRealTimers());

  it('is not asked for where the endpoints are configured; readiness asks for the keys', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_AUTHORIZATION_ENDPOINT: `${server.origin}/a`,
      AUTH_TOKEN_ENDPOINT: `${server.origin}/t`,
      AUTH_JWKS_URI: `${server.origin}/k`,
      AUTH_USERINFO_ENDPOINT: `${server.origin}/u`,
      AUTH_REVOCATION_ENDPOINT: `${server.origin}/r`,
    });
    server.handlers['/k'] = json({ keys: [] });
    expect(await getMetadata()).toEqual({
      issuer: server.origin,
      authorization_endpoint: `${server.origin}/a`,
      token_endpoint: `${server.origin}/t`,
      jwks_uri: `${server.origin}/k`,
      userinfo_endpoint: `${server.origin}/u`,
      revocation_endpoint: `${server.origin}/r`,
    });
    wait(60_000);
    expect(await isServerReachable()).toBe(true);
    expect(server.requests).toEqual(['GET /k']);
    server.handlers['/k'] = json({}, 503);
    wait(60_000);
    expect(await isServerReachable()).toBe(false);
  });

  it('of a server without ID tokens needs no keys, and its token endpoint says whether it is there', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_AUTHORIZATION_ENDPOINT: `${server.origin}/a`,
      AUTH_TOKEN_ENDPOINT: `${server.origin}/t`,
      AUTH_USERINFO_ENDPOINT: `${server.origin}/u`,
      AUTH_USER_CLAIMS: 'sub=id',
      AUTH_SCOPES: 'read:user',
    });
    expect((await getMetadata()).jwks_uri).toBeUndefined();
    expect(server.requests).toEqual([]);
    expect(await isServerReachable()).toBe(true);
    expect(server.requests).toEqual(['GET /t']);
  });

  it.each([
    ['with discovery', {}, path],
    [
      'with configured endpoints',
      { AUTH_AUTHORIZATION_ENDPOINT: '/a', AUTH_TOKEN_ENDPOINT: '/t', AUTH_JWKS_URI: '/k' },
      '/k',
    ],
  ])(
    'OP-04: twenty checks of a server %s are one request, and so are those right after',
    async (_how, set, asked) => {
      const addresses = Object.entries(set).map(([name, at]) => [name, server.origin + at]);
      useEnvironment({ AUTH_ISSUER: server.origin, ...Object.fromEntries(addresses) });
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      server.handlers[asked] = async (...exchange) => {
        await held;
        json(asked === path ? about(server.origin) : { keys: [] })(...exchange);
      };
      const first = isServerReachable();
      await vi.waitUntil(() => server.countOf(asked) === 1, patience);
      const others = Array.from({ length: 19 }, isServerReachable);
      release();
      expect(await Promise.all([first, ...others])).toEqual(Array(20).fill(true));
      wait(4_999);
      expect(await isServerReachable()).toBe(true);
      expect(server.requests).toEqual([`GET ${asked}`]);
      wait(2);
      expect(await isServerReachable()).toBe(true);
      expect(server.countOf(asked)).toBe(2);
    },
  );

  it('of a server with one configured endpoint gives the others', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_REVOCATION_ENDPOINT: 'https://login.example/oauth/revoke',
    });
    server.handlers[path] = json({ ...about(server.origin), revocation_endpoint: null });
    expect(await getMetadata()).toMatchObject({
      token_endpoint: `${server.origin}/token`,
      revocation_endpoint: 'https://login.example/oauth/revoke',
    });
  });
});
