import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestApi, type TestApiOptions } from '../testing/test-api.ts';
import { buildClaims, createTestKey, signToken, type TestKey } from '../testing/test-authorization-server.ts';

async function startApi(options: TestApiOptions = {}) {
  const api = await startTestApi(options);
  onTestFinished(() => api[Symbol.asyncDispose]());
  const call = async (key: TestKey, header?: Record<string, unknown>) => {
    const claims = buildClaims(api.server.issuer, api.identifier);
    return api.get('/contacts', await signToken({ claims, header, key }));
  };
  return { api, call };
}

describe('RS-15: keys over HTTP', () => {
  test('RS-15, DI-07: a token of a new key is accepted at once', async () => {
    const { api, call } = await startApi();
    expect((await call(api.key)).status).toBe(200);
    const next = await createTestKey('key-2');
    api.server.keys = [next.jwk];
    api.passTime(1_000);
    expect((await call(next)).status).toBe(200);
    expect((await call(api.key)).status).toBe(401);
  });

  test('RS-15, DI-08: forged key ids cost one request to the authorization server', async () => {
    const { api, call } = await startApi({ isClockStopped: true });
    await call(api.key);
    api.passTime(1_000);
    const answers = Array.from({ length: 50 }, (_, index) => call(api.key, { kid: `forged-${index}` }));
    for (const response of await Promise.all(answers)) expect(response.status).toBe(401);
    expect(api.server.requests.filter((path) => path === '/jwks')).toHaveLength(2);
  });

  test('RS-15, DI-09: during an outage known keys verify, others get 503 with Retry-After', async () => {
    const { api, call } = await startApi();
    await call(api.key);
    api.server.isAway = true;
    api.passTime(20 * 60_000);
    // The token is made now, twenty minutes ago by the clock of the API: only its key matters here.
    const claims = buildClaims(api.server.issuer, api.identifier);
    const late = { ...claims, exp: Number(claims.exp) + 3_600 };
    const known = await api.get('/contacts', await signToken({ claims: late, key: api.key }));
    expect(known.status).toBe(200);
    const response = await call(api.key, { kid: 'new' });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({
      type: 'tag:strongroom.test,2025:authorization_server_unavailable',
    });
  });

  test('RS-15: an API that never reached the authorization server answers 503, then recovers', async () => {
    const { api, call } = await startApi();
    api.server.isAway = true;
    expect((await call(api.key)).status).toBe(503);
    api.server.isAway = false;
    api.passTime(1_000);
    expect((await call(api.key)).status).toBe(200);
  });

  test.each([
    { issuer: 'https://evil.test' },
    { jwks_uri: 'http://example.test/jwks' },
    { jwks_uri: 'file:///etc/passwd' },
    { jwks_uri: 7 },
  ])('RS-05: discovery with %j is not believed', async (discovery) => {
    const { api, call } = await startApi();
    api.server.discovery = discovery;
    expect((await call(api.key)).status).toBe(503);
  });

  test('RS-15, DI-10, DI-11: broken, private, encryption and weak keys beside the right one do no harm', async () => {
    const { api, call } = await startApi();
    const elliptic = await createTestKey('key-1', 'ES256');
    const decoys = [
      null,
      7,
      {},
      { kty: 'RSA' },
      { ...api.key.jwk, use: 'enc' },
      { ...api.key.jwk, n: 'AQAB' },
    ];
    api.server.keys = [...decoys, elliptic.jwk, { kty: 'oct', k: 'AAAA', kid: 'key-1' }, api.key.jwk];
    expect((await call(api.key)).status).toBe(200);
    expect((await call(elliptic)).status).toBe(200);
    expect((await call(api.key, { kid: undefined })).status).toBe(200);
  });
});
