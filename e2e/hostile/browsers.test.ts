/** Browsers that lose their cookies, and requests that must not use up a code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { editSeal } from '../support/seals.ts';
import { createVisitor, signInVisitor, type Visitor } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { callbackOf, linkIn, reachCallback, signIn, start, transactionsOf } from './journey.ts';
import { observe, recordResponse, type Trial } from './trial.ts';
import type { World } from './world.ts';

let world: World;
let visitor: Visitor;
beforeAll(async () => {
  world = await borrowWorld();
  visitor = await signInVisitor(world);
});
afterAll(() => world?.close());

describe('a browser that loses its cookies', () => {
  const restart = { outcome: 'transaction_expired', signedIn: null } as const;

  it('CB-30: a sign-in without cookies ends at a page that asks for them, and not in a loop', async () => {
    const { browser } = createVisitor(world);
    const forgetful = async (address: URL) => {
      browser.jar.clear();
      const page = await browser.visit(address);
      browser.jar.clear();
      return page;
    };
    const page = await observe(world, { browser, ...restart }, async () =>
      forgetful(await reachCallback(world, browser)),
    );
    expect(page.html).toContain('allow cookies for this site');
    const again = await browser.follow(linkIn(page, /^\/auth\/sign-in/), { stopAtCallback: true });
    const second = await observe(world, { browser, ...restart }, () => forgetful(callbackOf(again) as URL));
    expect(second.responses).toHaveLength(2);
    expect(world.server.grants.slice(-2).map(({ isRedeemed }) => isRedeemed)).toEqual([false, false]);
  });

  it('CB-30: a sign-in whose cookies are cleared half-way is rejected, and the next one works', async () => {
    const { user, browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    browser.jar.clear();
    await observe(world, { browser, ...restart }, () => browser.visit(callback));
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  });

  it('CB-07: a sign-in that took longer than fifteen minutes is rejected, and the wanted page is kept', async () => {
    const { browser } = createVisitor(world);
    const callback = await reachCallback(world, browser, '/dashboard/messages');
    const cookies = browser.cookies(world.appOrigin);
    const [value = ''] = transactionsOf(world, browser);
    const late = await editSeal('transaction', world.secrets.appSecret, value, (transaction) => ({
      ...transaction,
      startedAtSec: Number(transaction.startedAtSec) - 901,
    }));
    cookies.set(`strongroom-transaction-${callback.searchParams.get('state')}`, { value: late, path: '/' });
    const page = await observe(world, { browser, ...restart }, () => browser.visit(callback));
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/messages');
    expect(world.server.grants.at(-1)?.isRedeemed).toBe(false);
  });

  it('AZ-17: a sign-in that is started and given up leaves the session as it was', async () => {
    createVisitor(world);
    const browser = visitor.browser.copy();
    const trial: Trial = {
      browser,
      outcome: 'signed_in',
      signedIn: visitor.user,
      isKept: true,
      openTransactions: 1,
    };
    await observe(world, trial, async () => {
      await start(world, browser);
      return browser.visit(`${world.appOrigin}/dashboard/access`);
    });
  });
});

describe('requests that are not a visit', () => {
  const cookieOf = (browser: HttpBrowser) => cookieHeader(browser, world.appOrigin);

  it.each<[string, string, RequestInit, number]>([
    ['CB-22', 'a HEAD request', { method: 'HEAD' }, 204],
    ['CB-22', 'an OPTIONS request', { method: 'OPTIONS' }, 405],
    ['CB-22', 'a prefetch', { headers: { 'sec-purpose': 'prefetch;prerender' } }, 503],
    ['CB-22', 'a POST request', { method: 'POST', body: new URLSearchParams({ code: 'x' }) }, 405],
    ['CB-23', 'a request from a frame', { headers: { 'sec-fetch-dest': 'iframe' } }, 403],
    ['CB-23', 'a request for an image', { headers: { 'sec-fetch-dest': 'image' } }, 403],
    ['CB-23', 'a request for a script', { headers: { 'sec-fetch-dest': 'script' } }, 403],
  ])('%s: %s uses up no code, and the visit after it signs in', async (_row, _what, init, status) => {
    const { user, browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    const from = world.server.countOf('/token');
    const headers = { ...init.headers, cookie: cookieOf(browser) };
    const response = await recordResponse(
      browser,
      await fetch(callback, { ...init, headers, redirect: 'manual' }),
    );
    expect(response.status).toBe(status);
    expect(world.server.countOf('/token')).toBe(from);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => browser.visit(callback));
  });

  it('CB-29: an address that almost matches the callback is not found, and uses up no code', async () => {
    const { user, browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    const from = world.server.countOf('/token');
    const paths = [
      '/auth/callback/Provider',
      '/auth/callback/other',
      '/auth/callback%2fprovider',
      '/auth/callback/provider/x',
      '/AUTH/callback/provider',
    ];
    const thief = browser.copy();
    const trial: Trial = { browser: thief, outcome: null, signedIn: null, openTransactions: 1 };
    await observe(world, trial, async () => {
      const pages = await Promise.all(
        paths.map((path) => thief.visit(world.appOrigin + path + callback.search, { maxRedirects: 0 })),
      );
      expect(pages.map(({ status }) => status)).toEqual(paths.map(() => 404));
      return undefined;
    });
    expect(world.server.countOf('/token')).toBe(from);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => browser.visit(callback));
  });

  it('CB-28: a callback sends no referrer and names no other host, whether it is accepted or rejected', async () => {
    for (const outcome of ['signed_in', 'transaction_expired'] as const) {
      const { user, browser } = createVisitor(world);
      const callback = await reachCallback(world, browser);
      if (outcome !== 'signed_in') callback.searchParams.delete('code');
      const from = browser.received.length;
      const trial: Trial = { browser, outcome, signedIn: outcome === 'signed_in' ? user : null };
      const page = await observe(world, trial, () => browser.visit(callback));
      expect(page.responses.map(({ url }) => url.origin)).toEqual(page.responses.map(() => world.appOrigin));
      expect(browser.received[from]).toMatch(/^referrer-policy: no-referrer$/m);
      expect(page.html).not.toMatch(/(?:src|href)="https?:\/\/(?!localhost)/);
    }
  });
});
