/** Starting a sign-in: what is asked of the authorization server, and who may start at all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  // A variable that next-auth would read by itself, and must not.
  const AUTH_REDIRECT_PROXY_URL = 'http://evil.example/auth';
  stack = await startTestStack({ AUTH_PAR: 'when-required', AUTH_REDIRECT_PROXY_URL });
});
afterAll(() => stack.close());

const start = (path: string, headers: Record<string, string> = {}, browser = new HttpBrowser()) =>
  browser.visit(`${stack.appOrigin}${path}`, { headers, maxRedirects: 0 });
const own = { 'sec-fetch-site': 'same-origin' };
const transactions = (page: Page) =>
  page.responses
    .flatMap((response) => response.setCookies)
    .filter((line) => line.startsWith('strongroom-transaction-'));
const locationOf = (page: Page) => new URL(page.responses[0]?.location ?? '', page.url).href;
const requestOf = (page: Page) => new URL(page.responses[0]?.location ?? '').searchParams;

it('OP-01: a variable that has no effect is named when the application starts', () => {
  const [line] = stack.appEvents('unknown_variables');
  expect(line).toMatchObject({ level: 'warn', variables: 'AUTH_REDIRECT_PROXY_URL' });
});

describe('the authorization request', () => {
  it('AZ-01: asks for a code with the configured client, redirect address, scopes, state, nonce and S256 challenge', async () => {
    const page = await start('/auth/sign-in?return_to=/dashboard', own);
    const request = requestOf(page);
    expect(page.status).toBe(303);
    expect(request.get('response_type')).toBe('code');
    expect(request.get('client_id')).toBe(stack.secrets.clientId);
    expect(request.get('redirect_uri')).toBe(`${stack.appOrigin}/auth/callback/provider`);
    expect(request.get('scope')).toBe(
      'openid profile email offline_access read:contacts write:contacts read:messages write:messages read:events',
    );
    expect(request.get('audience')).toBe(stack.settings.apiIdentifier);
    const { apiIdentifier, calendarIdentifier } = stack.settings;
    expect(request.getAll('resource')).toEqual([apiIdentifier, calendarIdentifier]);
    expect(request.get('code_challenge_method')).toBe('S256');
    expect(request.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(request.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(request.get('state')).toMatch(/^[\w-]{22}$/);
  });

  it('HO-01: is the same whatever Host and forwarded headers say', async () => {
    const hostile = {
      ...own,
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const request = requestOf(await start('/auth/sign-in', hostile));
    expect(request.get('redirect_uri')).toBe(`${stack.appOrigin}/auth/callback/provider`);
  });

  it('AZ-05: takes nothing from the query of the browser but the wanted page', async () => {
    const smuggled =
      'scope=admin&redirect_uri=https://evil.example&response_type=token&client_id=x&request_uri=https://sink.example&prompt=none&audience=evil&permission=admin&return_to=/x%26scope%3Dadmin';
    const plain = requestOf(await start('/auth/sign-in', own));
    const request = requestOf(await start(`/auth/sign-in?${smuggled}`, own));
    const fresh = ['state', 'nonce', 'code_challenge'];
    const comparable = (parameters: URLSearchParams) =>
      [...parameters].filter(([name]) => !fresh.includes(name));
    expect(comparable(request)).toEqual(comparable(plain));
  });

  it('AZ-02, AZ-03: state, nonce and challenge are random and new for every request', async () => {
    const requests = await Promise.all(
      Array.from({ length: 40 }, async () => requestOf(await start('/auth/sign-in', own))),
    );
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new Set(requests.map((request) => request.get(name))).size).toBe(requests.length);
  });

  it('AZ-04: its transaction is a sealed cookie of its own, HttpOnly, SameSite=Lax, for this host', async () => {
    const [line = ''] = transactions(await start('/auth/sign-in', own));
    expect(line).toMatch(/^strongroom-transaction-[\w-]{22}=Fe26\.2\*/);
    expect(line.toLowerCase()).toMatch(/; path=\/; expires=[^;]+; max-age=3600; httponly; samesite=lax$/);
  });

  it('AZ-16: leaves with 303, no-store and no referrer', async () => {
    const page = await start('/auth/sign-in', own);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('ways to start that are not offered', () => {
  it('AZ-12: no request has prompt=none, and an error response to such a request starts no other sign-in', async () => {
    expect(requestOf(await start('/auth/sign-in?prompt=none', own)).get('prompt')).toBeNull();
    for (const [error, code] of [
      ['login_required', 'login_required'],
      ['interaction_required', 'interaction_required'],
      ['consent_required', 'access_denied'],
    ]) {
      const browser = new HttpBrowser();
      const state = requestOf(await start('/auth/sign-in', own, browser)).get('state');
      const parameters = `error=${error}&state=${state}&iss=${encodeURIComponent(stack.settings.issuer)}`;
      const page = await browser.visit(`${stack.appOrigin}/auth/callback/provider?${parameters}`);
      expect([page.url.pathname, page.url.searchParams.get('code')]).toEqual(['/sign-in/problem', code]);
      expect(page.responses).toHaveLength(2);
      expect(
        page.responses
          .flatMap(({ setCookies }) => setCookies)
          .filter((line) => /transaction-[^=]+=[^;]/.test(line)),
      ).toEqual([]);
    }
  });

  it.each([own, { 'sec-fetch-site': 'cross-site' }])(
    'AZ-18: parameters of a sign-in that a third party starts are ignored (%j)',
    async (headers) => {
      const said = {
        iss: 'https://evil.example',
        login_hint: 'evil@evil.example',
        target_link_uri: 'https://evil.example/x',
      };
      const page = await start(`/auth/sign-in?${new URLSearchParams(said)}`, headers);
      expect(decodeURIComponent(page.responses[0]?.location ?? '')).not.toContain('evil');
      expect([new URL(stack.appOrigin).host, new URL(stack.settings.issuer).host]).toContain(
        new URL(locationOf(page)).host,
      );
    },
  );

  it('AZ-19: the request is in its parameters or pushed, and never a signed request object', async () => {
    const request = requestOf(
      await start('/auth/sign-in?request=eyJhbGciOiJub25lIn0.e30.&request_uri=https://evil.example', own),
    );
    expect([request.get('request'), request.get('request_uri')]).toEqual([null, null]);
  });
});

describe('requests that must not start a sign-in', () => {
  it.each([
    ['a prefetch', { ...own, 'sec-purpose': 'prefetch' }],
    ['a prerender', { ...own, 'sec-purpose': 'prefetch;prerender' }],
    ['a router prefetch', { ...own, 'next-router-prefetch': '1' }],
    ['an RSC fetch', { ...own, rsc: '1' }],
    ['a server action', { ...own, 'next-action': 'x' }],
    ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' }],
    ['a frame of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }],
  ])('AZ-06, AZ-07: %s starts nothing', async (_, headers) => {
    const page = await start('/auth/sign-in?return_to=/dashboard', headers);
    // 307: Next asks an RSC fetch without its marker to come again with it.
    expect([503, 403, 307]).toContain(page.status);
    expect(transactions(page)).toEqual([]);
  });

  it('AZ-06: a link on another site leads to a page that asks first, and starts nothing', async () => {
    const page = await start('/auth/sign-in?return_to=/dashboard/messages', {
      'sec-fetch-site': 'cross-site',
    });
    expect(locationOf(page)).toBe(`${stack.appOrigin}/sign-in?return_to=%2Fdashboard%2Fmessages`);
    expect(transactions(page)).toEqual([]);
  });

  it('AZ-07: HEAD starts nothing', async () => {
    const response = await fetch(`${stack.appOrigin}/auth/sign-in`, {
      method: 'HEAD',
      headers: own,
      redirect: 'manual',
    });
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('AZ-07: a protected page without a session starts nothing by itself', async () => {
    const page = await start('/dashboard/contacts?q=an&page=2', { 'sec-fetch-site': 'none' });
    expect(page.status).toBe(303);
    expect(locationOf(page)).toBe(
      `${stack.appOrigin}/sign-in?return_to=%2Fdashboard%2Fcontacts%3Fq%3Dan%26page%3D2`,
    );
    expect(transactions(page)).toEqual([]);
  });

  it('AZ-08: thirty abandoned sign-ins leave five cookies, the next one signs in, and signing out leaves none', async () => {
    const browser = new HttpBrowser();
    const transactionNames = () =>
      [...browser.cookies(stack.appOrigin).keys()].filter((name) =>
        name.startsWith('strongroom-transaction-'),
      );
    for (let count = 0; count < 30; count += 1) await start('/auth/sign-in', own, browser);
    expect(transactionNames()).toHaveLength(5);
    expect(cookieHeader(browser, stack.appOrigin).length).toBeLessThan(4_000);
    const page = await signInByHttp(stack, browser, { returnTo: '/dashboard/contacts' });
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
    expect(page.html).toContain('Ada Lindqvist');
    // Its own is gone; the others may be tabs that are still open.
    expect(transactionNames()).toHaveLength(4);
    expect(cookieHeader(browser, stack.appOrigin).length).toBeLessThan(8_000);
    await browser.submit(page, /sign-out/);
    expect(transactionNames()).toEqual([]);
  });
});
