/** Both ways to a page give the same response to the same request. */
import { beforeEach, describe, expect, it } from 'vitest';
import { nowSec } from '../base/clock';
import { maxCookieChars } from '../session/cookies';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { ways } from '../testing/page-ways';
import { buildSession, buildTokens } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';

let store: WatchedStore;
beforeEach(() => {
  useEnvironment({ REVOCATION_CHECK: 'closed' });
  store = watchStore();
});

async function signIn(lastSeenSec = 0): Promise<string> {
  const jar = createTestJar();
  const endsAtSec = nowSec() + 3600;
  const tokens = buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: endsAtSec });
  await writeSession(jar, buildSession({ endsAtSec, lastSeenAtSec: nowSec() - lastSeenSec, tokens }));
  return [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

const document = { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' };
const noncePattern = /script-src 'self' 'nonce-([\w+/=]{24})' 'strict-dynamic'/;

describe.each(ways)('%s', (_way, ask) => {
  it.each<[string, Record<string, string>]>([
    ['a browser that shows it', document],
    ['an older browser', {}],
    ['a forged cookie', { cookie: '__Host-strongroom=forged' }],
  ])('leads a request without a session to sign in: %s', async (_what, headers) => {
    const { status, headers: received, page } = await ask('/dashboard/contacts?page=2', { headers });
    const location = new URL(received.get('location') ?? '');
    expect([status, location.pathname, page]).toEqual([303, '/sign-in', null]);
    expect(location.searchParams.get('return_to')).toBe('/dashboard/contacts?page=2');
    expect(received.get('cache-control')).toBe('private, no-store');
  });

  it.each<[string, string, Parameters<typeof ask>[1], number]>([
    [
      'CS-05: gives a file no page',
      '/dashboard',
      { headers: { ...document, 'sec-fetch-dest': 'empty' } },
      401,
    ],
    ['RF-14: gives a prefetch no page', '/dashboard', { headers: { 'sec-purpose': 'prefetch' } }, 503],
    ['CS-07: gives frames of other sites nothing', '/', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
  ])('%s', async (_what, path, asked, status) => {
    const answered = await ask(path, asked);
    expect(answered).toMatchObject({ status, body: '', page: null });
    expect(answered.headers.get('location')).toBeNull();
    expect(answered.headers.get('content-security-policy')).toMatch(noncePattern);
  });

  it('CS-01: sends a form of another site to the page that says so', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const { status, headers: received, page } = await ask('/dashboard', { method: 'POST', headers });
    expect([status, page]).toEqual([303, null]);
    expect(received.get('location')).toMatch(/\/sign-in\/problem\?code=cross_site_request&ref=/);
  });

  it.each([
    ['SE-15: of the store', () => store.goAway(), 'store_unavailable'],
    [
      'SE-16: of our own',
      () => {
        store.before = () => {
          throw new TypeError('undefined is not a function');
        };
      },
      'internal_error',
    ],
  ])('lets no request pass when there is an error %s', async (_what, fail, code) => {
    const headers = { cookie: await signIn() };
    fail();
    const { status, headers: received, page } = await ask('/dashboard', { headers });
    expect([status, page]).toEqual([303, null]);
    expect(received.get('location')).toContain(`code=${code}`);
  });

  it('CS-05: gives each page a nonce of its own, whatever policy the browser sent', async () => {
    const headers = { 'Content-Security-Policy': "script-src 'nonce-evil'" };
    const policies = [await ask('/', { headers }), await ask('/', { headers })].map(({ headers, page }) => {
      expect(page?.policy).toBe(headers.get('content-security-policy'));
      return noncePattern.exec(page?.policy ?? '')?.[1];
    });
    expect(new Set(policies).size).toBe(2);
    expect(policies).not.toContain(undefined);
  });

  it('SE-02: notes that the user was seen, for the page and for the browser', async () => {
    const { headers, page } = await ask('/dashboard', { headers: { cookie: await signIn(600) } });
    const [line = ''] = headers.getSetCookie();
    expect(line).toMatch(
      /^__Host-strongroom-last-seen=\S+; Path=\/;.* Max-Age=\d+; Secure; HttpOnly; SameSite=lax$/,
    );
    expect(page?.cookie).toContain(line.split(';')[0]);
    expect(headers.getSetCookie()).toHaveLength(1);
    expect(page?.cookie?.length).toBeLessThan(maxCookieChars);
  });

  it.each([
    ['temporarily_unavailable&wait=7', 503, '7'],
    ['rate_limited', 429, '60'],
    ['access_denied', 403, null],
    ['no_such_code', 400, null],
  ])('gives the problem page of %s the status %i', async (query, status, retryAfter) => {
    const answered = await ask(`/sign-in/problem?code=${query}`);
    expect([answered.status, answered.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(answered.page).not.toBeNull();
  });
});
