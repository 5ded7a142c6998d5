/** One answer and several tabs, browsers, deliveries; what of a browser is not there; and requests that must not use up a code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { editSeal } from '../support/seals.ts';
import { arrive, type Resident, settle } from './attacks.ts';
import { callbackOf, linkIn, reachCallback, signIn, start, transactionsOf } from './journey.ts';
import { hear, observe, type Trial } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let resident: Resident;
beforeAll(async () => {
  world = await startWorld();
  resident = await settle(world);
});
afterAll(() => world?.close());

describe('more than one tab, more than one browser', () => {
  const exchanges = () => world.server.countOf('/token');

  it('CB-08: five tabs finish in reverse order, each on its own page', async () => {
    const { person, browser } = arrive(world);
    const pages = ['access', 'session', 'messages', 'contacts', 'contacts?page=2'].map(
      (name) => `/dashboard/${name}`,
    );
    const callbacks: URL[] = [];
    for (const page of pages) callbacks.push(await reachCallback(world, browser, page));
    for (const [index, callback] of [...callbacks.entries()].toReversed()) {
      const trial: Trial = { browser, outcome: 'U-OK', signedIn: person, openTransactions: index };
      const page = await observe(world, trial, () => browser.visit(callback));
      expect(page.url.pathname + page.url.search).toBe(pages[index]);
    }
  });

  it('CB-25: twenty deliveries at once are one exchange, and all of them arrive', async () => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    const from = exchanges();
    const pages: Page[] = [];
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, async () => {
      pages.push(...(await Promise.all(Array.from({ length: 20 }, () => browser.visit(callback)))));
      return pages[0] as Page;
    });
    expect(exchanges() - from).toBe(1);
    expect(pages.map(({ status, url }) => `${status} ${url.pathname}`)).toEqual(
      pages.map(() => '200 /dashboard/access'),
    );
  });

  it('CB-05: the same answer again, by Back or reload, leads on without a second exchange', async () => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    await browser.visit(callback);
    const from = exchanges();
    await observe(world, { browser, outcome: 'U-OK', signedIn: person, isKept: true }, () =>
      browser.visit(callback),
    );
    expect(exchanges()).toBe(from);
  });

  it('CB-06: saved cookies and a saved answer make no second session, whatever the server would say', async () => {
    const { browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    const thief = browser.copy();
    await browser.visit(callback);
    const grant = world.server.grants.at(-1);
    if (grant !== undefined) grant.isRedeemed = false;
    const from = exchanges();
    const trial: Trial = { browser: thief, outcome: 'U-RESTART', signedIn: null };
    const page = await observe(world, trial, () => thief.visit(callback));
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/access');
    expect(exchanges()).toBe(from);
  });

  it('CB-04: the attacker’s answer in a victim’s browser signs nobody in, and the victim stays', async () => {
    const attacker = arrive(world);
    const callback = await reachCallback(world, attacker.browser);
    const victim = resident.browser.copy();
    const trial: Trial = { browser: victim, outcome: 'U-RESTART', signedIn: resident.person, isKept: true };
    await observe(world, trial, () => victim.visit(callback));
    expect(world.server.grants.at(-1)?.isRedeemed).toBe(false);
  });

  it('CB-24: the attacker’s code in a victim’s own sign-in fails at the exchange', async () => {
    const attacker = arrive(world);
    const stolen = (await reachCallback(world, attacker.browser)).searchParams.get('code') ?? '';
    const victim = arrive(world);
    const callback = await reachCallback(world, victim.browser);
    callback.searchParams.set('code', stolen);
    const trial: Trial = { browser: victim.browser, outcome: 'U-RESTART', signedIn: null };
    await observe(world, trial, () => victim.browser.visit(callback));
  });

  it('CB-03: the state of one tab with the code of another fails at the exchange, and leaves the other open', async () => {
    const { browser } = arrive(world);
    const mixed = await reachCallback(world, browser);
    const other = await reachCallback(world, browser);
    mixed.searchParams.set('code', other.searchParams.get('code') ?? '');
    const trial: Trial = { browser, outcome: 'U-RESTART', signedIn: null, openTransactions: 1 };
    await observe(world, trial, () => browser.visit(mixed));
  });

  it('CB-24: codes of two browsers that are swapped sign in neither', async () => {
    const both = [arrive(world), arrive(world)];
    const callbacks = await Promise.all(both.map(({ browser }) => reachCallback(world, browser)));
    const codes = callbacks.map((callback) => callback.searchParams.get('code') ?? '').toReversed();
    for (const [index, { browser }] of both.entries()) {
      callbacks[index]?.searchParams.set('code', codes[index] ?? '');
      const address = callbacks[index] as URL;
      await observe(world, { browser, outcome: 'U-RESTART', signedIn: null }, () => browser.visit(address));
    }
  });

  it('CB-26: finishing as somebody else replaces the session, and the grant of before is given back', async () => {
    const first = arrive(world);
    await signIn(world, first.browser);
    const given = world.server.grants.at(-1)?.refreshTokens.at(-1) ?? '';
    const second = arrive(world);
    const trial: Trial = { browser: first.browser, outcome: 'U-OK', signedIn: second.person };
    await observe(world, trial, () => signIn(world, first.browser));
    await expect.poll(() => world.server.revoked).toContain(given);
  });

  it('CB-27: a rejected answer closes its sign-in: the right one no longer works', async () => {
    const { browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    const wrong = new URL(callback);
    wrong.searchParams.set('iss', 'https://evil.example');
    await browser.visit(wrong);
    const from = exchanges();
    await observe(world, { browser, outcome: 'U-RESTART', signedIn: null }, () => browser.visit(callback));
    expect(exchanges()).toBe(from);
  });
});

describe('a browser that does not keep what it is given', () => {
  const restart = { outcome: 'U-RESTART', signedIn: null } as const;

  it('CB-30: without cookies a sign-in ends at a page that asks for them, and not in a circle', async () => {
    const { browser } = arrive(world);
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
    expect(second.hops).toHaveLength(2);
    expect(world.server.grants.slice(-2).map(({ isRedeemed }) => isRedeemed)).toEqual([false, false]);
  });

  it('CB-30: cookies that are cleared half-way lose the sign-in, and the next one works', async () => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    browser.jar.clear();
    await observe(world, { browser, ...restart }, () => browser.visit(callback));
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => signIn(world, browser));
  });

  it('CB-07: a sign-in that took longer than fifteen minutes starts over, and keeps the wanted page', async () => {
    const { browser } = arrive(world);
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

  it('AZ-17: a sign-in that was given up leaves the session of before as it was', async () => {
    arrive(world);
    const browser = resident.browser.copy();
    const trial: Trial = {
      browser,
      outcome: 'U-OK',
      signedIn: resident.person,
      isKept: true,
      openTransactions: 1,
    };
    await observe(world, trial, async () => {
      await start(world, browser);
      return browser.visit(`${world.appOrigin}/dashboard/access`);
    });
  });
});

describe('requests that are no visit', () => {
  const cookieOf = (browser: HttpBrowser) => cookieHeader(browser, world.appOrigin);

  it.each<[string, string, RequestInit, number]>([
    ['CB-22', 'HEAD', { method: 'HEAD' }, 204],
    ['CB-22', 'OPTIONS', { method: 'OPTIONS' }, 405],
    ['CB-22', 'a prefetch', { headers: { 'sec-purpose': 'prefetch;prerender' } }, 204],
    ['CB-22', 'a POST', { method: 'POST', body: new URLSearchParams({ code: 'x' }) }, 405],
    ['CB-23', 'a frame', { headers: { 'sec-fetch-dest': 'iframe' } }, 403],
    ['CB-23', 'an image', { headers: { 'sec-fetch-dest': 'image' } }, 403],
    ['CB-23', 'a script', { headers: { 'sec-fetch-dest': 'script' } }, 403],
  ])('%s: %s uses up no code, and the visit after it signs in', async (_row, _what, init, status) => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    const from = world.server.countOf('/token');
    const headers = { ...init.headers, cookie: cookieOf(browser) };
    const response = await hear(browser, await fetch(callback, { ...init, headers, redirect: 'manual' }));
    expect(response.status).toBe(status);
    expect(world.server.countOf('/token')).toBe(from);
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => browser.visit(callback));
  });

  it('CB-29: an address that is nearly the callback is none, and uses up no code', async () => {
    const { person, browser } = arrive(world);
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
        paths.map((path) => thief.visit(world.appOrigin + path + callback.search, { maxRotationsBehind: 0 })),
      );
      expect(pages.map(({ status }) => status)).toEqual(paths.map(() => 404));
      return undefined;
    });
    expect(world.server.countOf('/token')).toBe(from);
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => browser.visit(callback));
  });

  it('CB-28: good and bad answers leave without a referrer, and name no other host', async () => {
    for (const outcome of ['U-OK', 'U-RESTART'] as const) {
      const { person, browser } = arrive(world);
      const callback = await reachCallback(world, browser);
      if (outcome !== 'U-OK') callback.searchParams.delete('code');
      const from = browser.received.length;
      const trial: Trial = { browser, outcome, signedIn: outcome === 'U-OK' ? person : null };
      const page = await observe(world, trial, () => browser.visit(callback));
      expect(page.hops.map(({ url }) => url.origin)).toEqual(page.hops.map(() => world.appOrigin));
      expect(browser.received[from]).toMatch(/^referrer-policy: no-referrer$/m);
      expect(page.html).not.toMatch(/(?:src|href)="https?:\/\/(?!localhost)/);
    }
  });
});
