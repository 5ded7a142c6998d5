import { NextRequest } from 'next/server';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { fingerprintOf } from '../session/token-fingerprint';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { holdCookies } from '../testing/request-cookies';
import { buildSession, buildTokens } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { watchStore } from '../testing/watched-store';
import { refreshEndpoint } from './refresh-endpoint';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));

let server: TokenEndpoint;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.restart();
  useEnvironment({ REVOCATION_CHECK: 'closed', AUTH_ISSUER: server.origin });
  const jar = holdCookies(createTestJar());
  await writeSession(
    jar,
    buildSession({ startedAtMs: nowSec() * 1000, lastSeenAtSec: nowSec(), endsAtSec: nowSec() + 3_600 }),
  );
});

it('SE-15: while the session cannot be checked, the problem page says so and leads back', async () => {
  watchStore().goAway();
  const headers = { 'sec-fetch-site': 'same-origin', [clientAddressHeader()]: '192.0.2.1' };
  const url = 'https://app.example/auth/refresh?return_to=%2Fnotes&rejected=x';
  const response = await refreshEndpoint.GET(new NextRequest(url, { headers }));
  const target = new URL(response.headers.get('location') ?? '', 'https://app.example');
  expect([response.status, target.searchParams.get('code'), target.searchParams.get('return_to')]).toEqual([
    303,
    'store_unavailable',
    '/notes',
  ]);
});

it.each<[string, Record<string, string>]>([
  ['a prefetch', { 'sec-purpose': 'prefetch' }],
  ['a prerender', { 'sec-purpose': 'prefetch;prerender' }],
  ['an older prefetch', { purpose: 'prefetch' }],
])(
  'AZ-07, RF-14: %s gets 503 that is not stored, and refreshes nothing; the click refreshes',
  async (_, ahead) => {
    server.onTokenRequest = ({ respond }) =>
      respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 600 });
    const url = `https://app.example/auth/refresh?return_to=%2Fnotes&rejected=${fingerprintOf(buildTokens().accessToken)}`;
    const own = { 'sec-fetch-site': 'same-origin', [clientAddressHeader()]: '192.0.2.1' };
    const ask = (headers: Record<string, string>) =>
      refreshEndpoint.GET(new NextRequest(url, { headers: { ...own, ...headers } }));
    const response = await ask(ahead);
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store']);
    expect(server.tokenRequests).toEqual([]);
    expect((await ask({})).headers.get('location')).toBe('https://app.example/notes');
    expect(server.tokenRequests).toHaveLength(1);
  },
);

it('RC-02: Next’s router is not led back by fetch: it has to come as a browser does, and nothing is refreshed before', async () => {
  const url = `https://app.example/auth/refresh?return_to=%2Fnotes&rejected=${fingerprintOf(buildTokens().accessToken)}`;
  const headers = {
    'sec-fetch-site': 'same-origin',
    'sec-fetch-dest': 'empty',
    'sec-fetch-mode': 'cors',
    [clientAddressHeader()]: '192.0.2.1',
  };
  const response = await refreshEndpoint.GET(new NextRequest(url, { headers }));
  expect([response.status, await response.text()]).toEqual([200, '']);
  for (const name of ['location', 'content-type', 'set-cookie'])
    expect(response.headers.get(name)).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(server.tokenRequests).toEqual([]);
});
