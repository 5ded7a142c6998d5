/** The callback: what it accepts, and how often a code is exchanged. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { joinSessionCookie } from '../support/seals.ts';
import { reachCallback, signInByHttp, startByHttp, submitAtServer } from '../support/sign-in-by-http.ts';
import { ada, grace, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

const sessionOf = (browser: HttpBrowser) => joinSessionCookie(browser.cookies(stack.appOrigin)) || null;
/** Token requests that reached the authorization server, by its own log. */
const exchanges = () =>
  stack.lines.filter(({ line }) => line.includes('token_issued') && line.includes('authorization_code'))
    .length;
const codeOf = (page: Page) => page.url.searchParams.get('code');

describe('the callback', () => {
  it('CB-01: exchanges the code once, signs in, and leaves for a clean address', async () => {
    const browser = new HttpBrowser();
    const before = exchanges();
    const page = await signInByHttp(stack, browser, { returnTo: '/dashboard/contacts?q=an' });
    expect(page.status).toBe(200);
    expect(page.url.href).toBe(`${stack.appOrigin}/dashboard/contacts?q=an`);
    expect(exchanges() - before).toBe(1);
    expect(page.responses[0]?.status).toBe(303);
  });

  it('CB-28: responds with no-store and no referrer', async () => {
    const browser = new HttpBrowser();
    const page = await browser.visit(await reachCallback(stack, browser), { maxRedirects: 0 });
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('CB-05: the same address again leads on to the page, without a second exchange', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser, { returnTo: '/dashboard/messages' });
    await browser.visit(callback);
    const before = exchanges();
    const again = await browser.visit(callback);
    expect(again.url.pathname).toBe('/dashboard/messages');
    expect(exchanges()).toBe(before);
  });

  it('CB-06: replaying a completed sign-in with its saved cookies creates no session', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    const thief = browser.copy();
    await browser.visit(callback);
    const page = await thief.visit(callback);
    expect(codeOf(page)).toBe('transaction_consumed');
    expect(page.status).toBe(400);
    expect(sessionOf(thief)).toBeNull();
  });

  it('CB-08: five tabs finish in any order, each on its own page', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    browser.cookies(stack.appOrigin).clear();
    const pages = ['contacts', 'messages', 'access', 'session', 'contacts?page=2'].map(
      (name) => `/dashboard/${name}`,
    );
    const callbacks: URL[] = [];
    for (const returnTo of pages) callbacks.push(await reachCallback(stack, browser, { returnTo }));
    const landed: string[] = [];
    for (const callback of callbacks.toReversed()) {
      const page = await browser.visit(callback);
      landed.push(page.url.pathname + page.url.search);
    }
    expect(landed.toReversed()).toEqual(pages);
  });

  it('AZ-17: starting again while signed in leaves the session alone until the new one is there', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const before = sessionOf(browser);
    await startByHttp(stack, browser);
    expect(sessionOf(browser)).toBe(before);
    expect((await browser.visit(`${stack.appOrigin}/dashboard`)).status).toBe(200);
  });

  it('CB-26: signing in as another user replaces the session and revokes the previous grant', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser, { email: ada });
    browser.cookies(stack.settings.issuer);
    browser.jar.set('127.0.0.1', new Map());
    const page = await signInByHttp(stack, browser, { email: grace });
    expect(page.html).toContain('Grace');
    expect(page.html).not.toContain('Ada Lindqvist');
    await expect.poll(() => stack.lines.some(({ line }) => line.includes('"revoked"'))).toBe(true);
  });
});

describe('what the callback rejects', () => {
  /** Signed in at the authorization server only: it asks for no password again. */
  const known = new HttpBrowser();
  beforeAll(async () => void (await reachCallback(stack, known)));
  const reject = async (change: (callback: URL) => void, expected: { code: string; status: number }) => {
    const browser = known.copy();
    browser.cookies(stack.appOrigin).clear();
    const callback = await reachCallback(stack, browser);
    const before = exchanges();
    change(callback);
    const page = await browser.visit(callback);
    expect(codeOf(page)).toBe(expected.code);
    expect(page.status).toBe(expected.status);
    expect(sessionOf(browser)).toBeNull();
    expect(exchanges()).toBe(before);
    expect(stack.appEvents('sign_in_rejected').at(-1)?.reference).toBe(page.url.searchParams.get('ref'));
  };
  const expired = { code: 'transaction_expired', status: 400 };
  const invalidResponse = { code: 'invalid_response', status: 502 };
  const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value);

  it.each<[string, (url: URL) => void, { code: string; status: number }]>([
    ['CB-02: no state', (url) => url.searchParams.delete('state'), expired],
    [
      'CB-03: a longer state',
      (url) => url.searchParams.set('state', `${url.searchParams.get('state')}x`),
      expired,
    ],
    ['CB-03: an empty state', set('state', ''), expired],
    ['CB-03: a state of 3,000 characters', set('state', 'a'.repeat(3_000)), invalidResponse],
    ['CB-13: a code and an error', set('error', 'access_denied'), invalidResponse],
    ['CB-14: neither code nor error', (url) => url.searchParams.delete('code'), expired],
    ['CB-15: two codes', (url) => url.searchParams.append('code', 'other'), invalidResponse],
    ['CB-15: two states', (url) => url.searchParams.append('state', 'other'), invalidResponse],
    ['CB-16: another issuer', set('iss', 'http://127.0.0.1:1/'), invalidResponse],
    [
      'CB-16: the issuer with a slash more',
      (url) => url.searchParams.set('iss', `${url.searchParams.get('iss')}/`),
      invalidResponse,
    ],
    [
      'CB-16: no issuer from a server that always sends it',
      (url) => url.searchParams.delete('iss'),
      invalidResponse,
    ],
    ['CB-18: a code of 5,000 characters', set('code', 'a'.repeat(5_000)), invalidResponse],
    ['CB-19: a code with line breaks', set('code', 'a&grant_type=password\r\nX: y'), invalidResponse],
    ['CB-20: a token beside the code', set('id_token', 'eyJhbGciOiJub25lIn0.e30.'), invalidResponse],
    [
      'CB-21: a signed response that was not requested',
      set('response', 'eyJhbGciOiJub25lIn0.e30.'),
      invalidResponse,
    ],
  ])('%s', (_, change, outcome) => reject(change, outcome));

  it('CB-04: the callback of one browser in another signs no user in, and leaves the session there unchanged', async () => {
    const attacker = new HttpBrowser();
    const callback = await reachCallback(stack, attacker, { email: grace });
    const victim = new HttpBrowser();
    await signInByHttp(stack, victim, { email: ada });
    const before = sessionOf(victim);
    const page = await victim.visit(callback);
    expect(codeOf(page)).toBe('transaction_expired');
    expect(sessionOf(victim)).toBe(before);
  });

  it('CB-24: a code of another sign-in fails at the exchange', async () => {
    const attacker = new HttpBrowser();
    const stolen = (await reachCallback(stack, attacker, { email: grace })).searchParams.get('code') ?? '';
    const victim = new HttpBrowser();
    const callback = await reachCallback(stack, victim, { email: ada });
    callback.searchParams.set('code', stolen);
    const page = await victim.visit(callback);
    expect(codeOf(page)).toBe('invalid_grant');
    expect(sessionOf(victim)).toBeNull();
  });

  it('CB-11: an error with an unknown state changes nothing for a user who is signed in', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const before = new Map(browser.cookies(stack.appOrigin));
    const page = await browser.visit(
      `${stack.appOrigin}/auth/callback/provider?error=access_denied&state=AAAAAAAAAAAAAAAAAAAAAA`,
    );
    expect(codeOf(page)).toBe('transaction_expired');
    expect(browser.cookies(stack.appOrigin)).toEqual(before);
  });

  it('CB-09: declining leads to a page that says so, keeps the wanted page, and closes the transaction', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser, { returnTo: '/dashboard/messages' });
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    const page = await browser.visit(callback);
    expect(page.status).toBe(403);
    expect(codeOf(page)).toBe('access_denied');
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/messages');
    expect([...browser.cookies(stack.appOrigin).keys()]).toEqual([]);
  });

  it('CB-12: text that came with an error is shown nowhere, and the log gets it cleaned', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', '<x-xss>"\'&');
    callback.searchParams.set('error_description', 'x-marker-7391\nof ada@strongroom.test <script>');
    callback.searchParams.set('error_uri', 'javascript:alert(1)');
    const page = await browser.visit(callback);
    expect(codeOf(page)).toBe('access_denied');
    expect(page.html + page.url.href).not.toMatch(/x-xss|x-marker-7391|javascript:alert/);
    const [said] = stack.appEvents('sign_in_rejected').slice(-1);
    expect(said).toMatchObject({ serverDescription: 'x-marker-7391 of [removed] <script>' });
    expect(stack.lines.map(({ line }) => line).join('\n')).not.toMatch(/javascript:alert/);
  });

  it('CB-27: a rejected callback closes its transaction, so the right callback no longer works', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    const wrong = new URL(callback);
    wrong.searchParams.set('iss', 'https://evil.example');
    await browser.visit(wrong);
    const page = await browser.visit(callback);
    expect(codeOf(page)).toBe('transaction_expired');
  });

  it('CB-22: HEAD, a prefetch and POST do not use up the code', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    const cookie = cookieHeader(browser, stack.appOrigin);
    const head = await fetch(callback, { method: 'HEAD', headers: { cookie }, redirect: 'manual' });
    const prefetch = await fetch(callback, {
      headers: { cookie, 'sec-purpose': 'prefetch' },
      redirect: 'manual',
    });
    const post = await fetch(callback, { method: 'POST', headers: { cookie }, redirect: 'manual' });
    expect([head.status, prefetch.status, post.status]).toEqual([204, 503, 405]);
    expect((await browser.visit(callback)).url.pathname).toBe('/dashboard');
  });

  it('CB-23: the callback inside a frame or an image is rejected', async () => {
    const browser = new HttpBrowser();
    const callback = await reachCallback(stack, browser);
    const page = await browser.visit(callback, {
      headers: { 'sec-fetch-dest': 'iframe' },
      maxRedirects: 0,
    });
    expect(page.status).toBe(403);
  });

  it('CB-29: only the exact address is a callback', async () => {
    const browser = new HttpBrowser();
    const { search } = await reachCallback(stack, browser);
    const statuses = await Promise.all(
      ['/auth/callback/other', '/auth/callback', '/auth/callback/Provider', '/auth/callback%2fprovider'].map(
        async (path) =>
          (await browser.copy().visit(stack.appOrigin + path + search, { maxRedirects: 0 })).status,
      ),
    );
    expect(statuses).toEqual([404, 404, 404, 404]);
  });

  it('a second sign-in asks for no consent', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    browser.cookies(stack.appOrigin).clear();
    const start = await startByHttp(stack, browser);
    expect(start.responses.at(-1)?.location).toContain('/auth/callback/provider?');
    await submitAtServer(stack, browser, start);
  });
});

it('AZ-13: a request is pushed when the configuration says so, and the browser carries only the reference', async () => {
  const page = await startByHttp(stack, new HttpBrowser());
  const address = new URL(page.responses[0]?.location ?? '');
  expect([...address.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  expect(page.status).toBe(200);
});
