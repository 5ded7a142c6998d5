/** Signing out: here, at the authorization server, twice, and from elsewhere. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { revokeGrant } from '../support/revoke.ts';
import { expireAccessToken, joinSessionCookie } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

const dashboard = () => `${stack.appOrigin}/dashboard`;

describe('signing out', () => {
  it('SE-04, SE-06, SE-07: revokes the session and the grant, signs out at the authorization server, and comes back', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    const out = await browser.submit(page, /sign-out/);
    expect(out.url.pathname).toBe('/signed-out');
    expect(out.responses.some(({ url }) => url.pathname === '/oidc/logout')).toBe(true);
    expect([...browser.cookies(stack.appOrigin).keys()]).toEqual([]);
    expect(stack.appEvents('signed_out').at(-1)?.revocation).toBe('revoked');
    const start = await browser.follow(`${stack.appOrigin}/auth/sign-in`);
    expect(start.html).toContain('name="password"');
  });

  it('SE-04: a cookie that was copied before signing out is rejected afterwards', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    const copy = browser.copy();
    expect((await copy.visit(dashboard())).url.pathname).toBe('/dashboard');
    await browser.submit(page, /sign-out/);
    expect((await copy.visit(dashboard())).url.pathname).toBe('/sign-in');
  });

  it('SE-05: a link does not sign out', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await browser.visit(`${stack.appOrigin}/auth/sign-out`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect((await browser.visit(dashboard())).url.pathname).toBe('/dashboard');
  });

  it.each([
    ['another site', { origin: 'http://127.0.0.1:9', 'sec-fetch-site': 'cross-site' }],
    ['another port of this host', { origin: 'http://localhost:9', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client without headers', {}],
  ])('CS-01: a form of %s does not sign out', async (_, headers) => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const page = await browser.visit(`${stack.appOrigin}/auth/sign-out`, { headers, form: {} });
    expect(page.status).toBe(403);
    expect((await browser.visit(dashboard())).url.pathname).toBe('/dashboard');
  });

  it('SE-09: signing out a second time works', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    await browser.submit(page, /sign-out/);
    const again = await browser.submit(page, /sign-out/);
    expect(again.url.pathname).toBe('/signed-out');
    expect(again.status).toBe(200);
  });

  it('SE-04: a session that was signed out elsewhere says so', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    await browser.copy().submit(page, /sign-out/);
    const rejected = await browser.visit(dashboard());
    expect([rejected.url.pathname, rejected.url.searchParams.get('reason')]).toEqual([
      '/sign-in',
      'signed_out_elsewhere',
    ]);
    expect(rejected.html).toContain('You signed out in another window or browser.');
  });

  it('RF-06: a revoked refresh token means signing in again, and coming back to the page', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await revokeGrant(stack, joinSessionCookie(browser.cookies(stack.appOrigin)));
    await expireAccessToken(stack, browser);
    const rejected = await browser.visit(`${stack.appOrigin}/dashboard/contacts?q=an`);
    expect(rejected.url.pathname).toBe('/sign-in');
    expect(rejected.url.searchParams.get('reason')).toBe('invalid_grant');
    expect(rejected.html).toContain('The sign-in service did not extend it.');
    expect(rejected.url.searchParams.get('return_to')).toBe('/dashboard/contacts?q=an');
    // The cookie of the revoked session stays until the next sign-in replaces it, because a late response must not remove a newer cookie.
    expect((await browser.visit(dashboard())).url.pathname).toBe('/sign-in');
    await signInByHttp(stack, browser);
    expect((await browser.visit(dashboard())).url.pathname).toBe('/dashboard');
  });
});
