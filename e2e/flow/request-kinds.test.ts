/** RF-15: whatever kind of request renews the tokens, the browser gets them, or loses nothing by not getting them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ageSessions } from '../../sample/authorization-server/testing/age-sessions.ts';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { expireAccessToken, sessionCookieShape } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let browser: HttpBrowser;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());
beforeEach(async () => {
  browser = new HttpBrowser();
  await signInByHttp(stack, browser, { returnTo: '/dashboard/messages' });
});

const at = (path: string) => stack.appOrigin + path;
const refreshes = () => stack.appEvents('tokens_refreshed').length;
const hasNewCookie = ({ responses }: Page) =>
  responses.some(({ setCookies }) => setCookies.some((line) => sessionCookieShape.test(line)));
const expire = () => expireAccessToken(stack, browser);

/** The next page shows that the browser has tokens that work, without another refresh. */
async function expectSettled(before: number): Promise<void> {
  const next = await browser.visit(at('/dashboard/contacts'));
  expect([next.status, next.url.pathname]).toEqual([200, '/dashboard/contacts']);
  expect(next.html).toContain('<table');
  expect(refreshes() - before).toBe(1);
}

describe('RF-15: the new tokens reach the browser', () => {
  const kinds: [string, () => Promise<Page>][] = [
    ['a document', () => browser.visit(at('/dashboard'))],
    ['a page that asks the API for nothing', () => browser.visit(at('/dashboard/session'))],
    [
      'the data of a client-side navigation',
      () =>
        browser.visit(at('/dashboard/contacts?_rsc=abc'), {
          headers: { rsc: '1', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' },
        }),
    ],
    [
      'a page of ours that says there is no such contact',
      () => browser.visit(at('/dashboard/contacts/nobody')),
    ],
    ['an address below the dashboard that no page has', () => browser.visit(at('/dashboard/nowhere'))],
    ['a route handler', () => browser.follow(at('/dashboard/contacts/export'), { maxRedirects: 0 })],
  ];

  it.each(kinds)('RF-15: with %s', async (_kind, visit) => {
    await expire();
    const before = refreshes();
    const page = await visit();
    expect(hasNewCookie(page)).toBe(true);
    expect(refreshes() - before).toBe(1);
    await expectSettled(before);
  });

  it('RF-15: with a form whose response is a page', async () => {
    const page = await browser.visit(at('/dashboard/messages'));
    await expire();
    const before = refreshes();
    const answered = await browser.submit(page, /Post message/, { text: 'word '.repeat(500) });
    expect(answered.html).toContain('at most 2,000');
    expect(hasNewCookie(answered)).toBe(true);
    await expectSettled(before);
  });

  it('RF-15: with a form whose response is a redirect', async () => {
    // Deleting after an old sign-in leads to another page.
    ageSessions(stack.settings.stateFolder, 600);
    await signInByHttp(stack, browser);
    const page = await browser.visit(at('/dashboard/messages'));
    await expire();
    const before = refreshes();
    const asked = await browser.submit(page, /Delete message/, {}, { maxRedirects: 0 });
    expect(asked.status).toBe(303);
    expect(hasNewCookie(asked)).toBe(true);
    await expectSettled(before);
  });

  it('RF-14: signing out does not refresh first', async () => {
    const page = await browser.visit(at('/dashboard/session'));
    await expire();
    const before = refreshes();
    expect((await browser.submit(page, /sign-out/)).url.pathname).toBe('/signed-out');
    expect(refreshes()).toBe(before);
  });
});

describe('RF-14: requests that do not refresh', () => {
  it.each([
    ['a prefetch', '/dashboard', { 'sec-purpose': 'prefetch' }],
    ['a prerender', '/dashboard', { 'sec-purpose': 'prefetch;prerender' }],
    ['a health check', '/healthz', {}],
    ['a static file', '/robots.txt', {}],
    ['the home page', '/', {}],
    [
      'asking whether the session holds',
      '/auth/status',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' },
    ],
  ])('RF-14: %s', async (_kind, path, headers) => {
    await expire();
    const before = refreshes();
    const page = await browser.visit(at(path), { headers });
    expect(hasNewCookie(page)).toBe(false);
    expect(refreshes()).toBe(before);
  });
});

it.each(['prefetch', 'prefetch;prerender'])(
  'AZ-07, RF-14: the refresh route, asked ahead of a click (%s), gives 503 that no browser keeps, and does not refresh',
  async (purpose) => {
    await expire();
    const before = refreshes();
    const page = await browser.follow(at('/auth/refresh?return_to=%2Fdashboard'), {
      headers: { 'sec-purpose': purpose },
    });
    expect([page.status, page.headers.get('cache-control')]).toEqual([503, 'private, no-store']);
    expect(hasNewCookie(page)).toBe(false);
    expect(refreshes()).toBe(before);
  },
);

describe('RF-15: a response that never arrives', () => {
  it('RF-15: does not sign the user out: the old cookie still leads to the new tokens', async () => {
    await expire();
    const before = refreshes();
    const closing = new AbortController();
    const tab = browser.copy();
    const gone = tab.visit(at('/dashboard/contacts'), { signal: closing.signal }).catch(() => null);
    await expect.poll(() => refreshes() - before).toBe(1);
    closing.abort();
    await gone;
    await expectSettled(before);
  });
});
