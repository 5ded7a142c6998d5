/** The life of a session: tokens are refreshed unseen, and no session ends because a server is down. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { expireAccessToken, joinSessionCookie, openSeal, sessionCookieShape } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());
const down = new Set<'API' | 'authorization server'>();
afterEach(async () => {
  for (const server of down) await stack.start(server);
  down.clear();
});

const dashboard = () => `${stack.appOrigin}/dashboard`;
const refreshes = () => stack.appEvents('tokens_refreshed').length;
const keyOf = async (browser: HttpBrowser) => {
  const sealed = joinSessionCookie(browser.cookies(stack.appOrigin));
  const { tokens } = await openSeal('session', stack.secrets.appSecret, sealed);
  return (tokens as { dpopKey: unknown }).dpopKey;
};
const takeDown = async (server: 'API' | 'authorization server') => {
  down.add(server);
  await stack.stop(server);
};

describe('refreshing tokens', () => {
  it('RF-01, RF-02: an expired access token is refreshed before the page calls the API, and the user notices nothing', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    for (let round = 0; round < 2; round += 1) {
      await expireAccessToken(stack, browser);
      const before = refreshes();
      const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts`);
      expect(page.status).toBe(200);
      expect(page.url.pathname).toBe('/dashboard/contacts');
      expect(page.responses[0]?.setCookies.some((line) => sessionCookieShape.test(line))).toBe(true);
      expect(refreshes() - before).toBe(1);
    }
  });

  it('RF-03, RF-04: fifty requests with the same old cookie cause one refresh, and late ones share its result', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await expireAccessToken(stack, browser);
    const old = browser.copy();
    const before = refreshes();
    const pages = await Promise.all(Array.from({ length: 50 }, () => old.copy().visit(dashboard())));
    expect(pages.map((page) => page.url.pathname)).toEqual(pages.map(() => '/dashboard'));
    const late = await old.copy().visit(dashboard());
    expect(late.url.pathname).toBe('/dashboard');
    expect(refreshes() - before).toBe(1);
  });

  it('RF-14: a prefetch does not refresh', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await expireAccessToken(stack, browser);
    const before = refreshes();
    const page = await browser.visit(dashboard(), { headers: { 'sec-purpose': 'prefetch;prerender' } });
    expect([page.status, page.html]).toEqual([503, '']);
    expect(refreshes()).toBe(before);
  });

  it('RF-07: while the authorization server is down no user is signed out, and refreshing works when it is back', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await expireAccessToken(stack, browser);
    await takeDown('authorization server');
    const during = await browser.visit(dashboard());
    expect(during.status).toBe(200);
    expect(during.url.pathname).toBe('/dashboard');
    expect(during.html).toContain('Ada Lindqvist');
    await stack.start('authorization server');
    down.clear();
    await expect
      .poll(async () =>
        (await browser.visit(`${stack.appOrigin}/dashboard/contacts`)).html.includes('<table'),
      )
      .toBe(true);
  });
});

describe('while something is down', () => {
  it('RL-07, CA-07: restarting every server signs no user out, and the key of the session goes on', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const key = await keyOf(browser);
    for (const server of ['application', 'authorization server', 'API'] as const) {
      await stack.stop(server);
      await stack.start(server);
    }
    await expireAccessToken(stack, browser);
    const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts`);
    expect(page.url.pathname).toBe('/dashboard/contacts');
    expect(page.html).toContain('<table');
    expect([key, await keyOf(browser)]).toEqual([expect.stringMatching(/^[\w-]{43}$/), key]);
  });

  it('U-APIDOWN: the page keeps its frame, and the user stays signed in', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    await takeDown('API');
    const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts`);
    expect(page.status).toBe(200);
    expect(page.html).toContain('Sign out');
    expect(page.html).toContain('still signed in');
  });

  it('U-ASDOWN: starting a sign-in says so, with 503 and a reference', async () => {
    await takeDown('authorization server');
    const page = await new HttpBrowser().follow(`${stack.appOrigin}/auth/sign-in`);
    expect(page.status).toBe(503);
    expect(page.url.searchParams.get('code')).toBe('temporarily_unavailable');
    const reference = page.url.searchParams.get('ref');
    expect(stack.appEvents('sign_in_not_started').at(-1)?.reference).toBe(reference);
    expect(page.html).toContain(reference);
  });

  it('OP-04: /readyz says that the authorization server cannot be reached, and /healthz stays 200', async () => {
    await takeDown('authorization server');
    await expect.poll(async () => (await fetch(`${stack.appOrigin}/readyz`)).status).toBe(503);
    expect((await fetch(`${stack.appOrigin}/healthz`)).status).toBe(200);
  });

  it('SE-08: signing out works here, and the page says that the authorization server was not reached', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    await takeDown('authorization server');
    const out = await browser.submit(page, /sign-out/);
    expect(out.url.href).toBe(`${stack.appOrigin}/signed-out?left=provider`);
    expect((await browser.visit(dashboard())).url.pathname).toBe('/sign-in');
  });
});
