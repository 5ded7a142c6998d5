import { NextRequest } from 'next/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { loadSession } from '../session/load-session';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { createTestKey, type TestKey } from '../testing/id-tokens';
import { signLogoutToken } from '../testing/logout-tokens';
import { buildSession, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { backChannelLogoutEndpoint } from './back-channel-logout-endpoint';

const { GET, POST } = backChannelLogoutEndpoint;

let server: TokenEndpoint;
let key: TestKey;
let store: WatchedStore;
let token: string;
beforeAll(async () => {
  server = await startTokenEndpoint();
  key = await createTestKey();
});
afterAll(() => server.close());
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin, AUTH_BACKCHANNEL_LOGOUT: 'single-instance' });
  store = watchStore();
  server.restart([key.jwk]);
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  token = await signLogoutToken({ key, claims: { iss: server.origin } });
});
afterEach(() => void vi.useRealTimers());

const form = 'application/x-www-form-urlencoded';

/** No response of this route may be stored. */
async function post(body: BodyInit, type: string | null = form): Promise<Response> {
  const through = { [clientAddressHeader()]: '192.0.2.1' };
  const headers: Record<string, string> = type === null ? through : { ...through, 'content-type': type };
  const address = 'https://app.example/auth/back-channel-logout';
  const response = await POST(new NextRequest(address, { method: 'POST', body, headers }));
  expect(response.headers.get('cache-control')).toBe('no-store');
  return response;
}

describe('the back-channel logout route', () => {
  it('BL-01, rp-backchannel-rpinitlogout: takes a form without cookies: 200, no-store, and the session is revoked', async () => {
    const jar = createTestJar();
    const { user } = buildSession();
    await writeSession(
      jar,
      buildSession({ providerSessionId: 'sid-1', user: { ...user, issuer: server.origin } }),
    );
    const response = await post(`logout_token=${token}&ignored=x`);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'back_channel_logout' });
  });

  it('BL-05: the type of a form may be written in any case, with a charset', async () => {
    expect((await post(`logout_token=${token}`, `${form.toUpperCase()}; charset=UTF-8`)).status).toBe(200);
  });

  it('BL-02: an invalid token gets 400, and the response does not say why', async () => {
    const other = await createTestKey('ES256', key.kid);
    const forged = await signLogoutToken({ key: other, claims: { iss: server.origin } });
    const responses = await Promise.all(
      [forged, 'junk', `${token}x`].map((text) => post(`logout_token=${text}`)),
    );
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(responses.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toMatch(/signature|malformed|alg/);
  });

  it.each<[string, () => BodyInit, string | null]>([
    ['JSON', () => JSON.stringify({ logout_token: token }), 'application/json'],
    [
      'multipart',
      () => `--x\r\ncontent-disposition: form-data; name="logout_token"\r\n\r\n${token}\r\n--x--`,
      'multipart/form-data; boundary=x',
    ],
    ['plain text', () => `logout_token=${token}`, 'text/plain'],
    ['a type that only begins like a form', () => `logout_token=${token}`, `${form}x`],
    ['no type', () => new TextEncoder().encode(`logout_token=${token}`), null],
    ['two logout tokens', () => `logout_token=${token}&logout_token=${token}`, form],
    ['one logout token and an empty one', () => `logout_token=${token}&logout_token=`, form],
    ['none', () => 'token=x', form],
    ['an empty one', () => 'logout_token=', form],
    ['nothing', () => '', form],
  ])('BL-05: %s is 400, and no token is validated', async (_what, body, type) => {
    expect((await post(body(), type)).status).toBe(400);
    expect(store.calls).toEqual([]);
  });

  it('BL-05: a body of more than 64 kB is 413, with or without its length', async () => {
    const body = `logout_token=${token}&rest=`;
    const large = body + 'a'.repeat(64_001 - body.length);
    expect((await post(large.slice(0, -1))).status).toBe(200);
    expect((await post(large)).status).toBe(413);
    expect((await post(new Blob([large]).stream())).status).toBe(413);
  });

  it('BL-05: GET is 405, stored nowhere', () => {
    const response = GET();
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('BL-05: a request beyond the rate limit is 429, and the response says when to try again', async () => {
    for (let number = 0; number < 600; number += 1) await post('logout_token=junk');
    const response = await post('logout_token=junk');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await post(`logout_token=${token}`)).status).toBe(200);
  });

  it('BL-05: a token that cannot be verified now is 503, and the response says when to try again', async () => {
    store.goAway();
    const response = await post(`logout_token=${token}`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
  });

  it.each([['off'], ['with-redis']])('BL-08: with %s and no Redis there is no such route', async (choice) => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_BACKCHANNEL_LOGOUT: choice });
    expect((await post(`logout_token=${token}`)).status).toBe(404);
  });
});
