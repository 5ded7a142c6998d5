/** One response with several tabs, browsers and deliveries. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { createVisitor, signInVisitor, type Visitor } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { reachCallback, signIn, untilTestEnds } from './journey.ts';
import { observe, type Trial } from './trial.ts';
import type { World } from './world.ts';

let world: World;
let visitor: Visitor;
beforeAll(async () => {
  world = await borrowWorld();
  visitor = await signInVisitor(world);
});
afterAll(() => world?.close());

describe('more than one tab, more than one browser', () => {
  const exchanges = () => world.server.countOf('/token');

  it('CB-08: five tabs sign in at once and finish in reverse order, each on its own page', async () => {
    const { user, browser } = createVisitor(world);
    const pages = ['access', 'session', 'messages', 'contacts', 'contacts?page=2'].map(
      (name) => `/dashboard/${name}`,
    );
    const callbacks: URL[] = [];
    for (const page of pages) callbacks.push(await reachCallback(world, browser, page));
    for (const [index, callback] of [...callbacks.entries()].toReversed()) {
      const trial: Trial = { browser, outcome: 'signed_in', signedIn: user, openTransactions: index };
      const page = await observe(world, trial, () => browser.visit(callback));
      expect(page.url.pathname + page.url.search).toBe(pages[index]);
    }
  });

  it('CB-25: twenty deliveries of a callback at once lead to one exchange, and all of them end signed in', async () => {
    const { user, browser } = createVisitor(world);
    const isThere = Promise.withResolvers<void>();
    world.server.fault = { token: { after: isThere.promise } };
    const callback = await reachCallback(world, browser);
    world.server.fault = {};
    const from = exchanges();
    const pages: Page[] = [];
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, async () => {
      const visits = Array.from({ length: 20 }, () => browser.visit(callback));
      // While the exchange waits, as many other requests pass through the application, one after another.
      await expect.poll(() => exchanges() - from).toBe(1);
      for (let count = 0; count < visits.length; count += 1) await fetch(`${world.app.origin}/auth/status`);
      isThere.resolve();
      pages.push(...(await Promise.all(visits)));
      return pages[0] as Page;
    });
    expect(exchanges() - from).toBe(1);
    expect(pages.map(({ status, url }) => `${status} ${url.pathname}`)).toEqual(
      pages.map(() => '200 /dashboard/access'),
    );
  });

  it('CB-05: the same callback again, by Back or reload, leads into the application without a second exchange', async () => {
    const { user, browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    await browser.visit(callback);
    const from = exchanges();
    await observe(world, { browser, outcome: 'signed_in', signedIn: user, isKept: true }, () =>
      browser.visit(callback),
    );
    expect(exchanges()).toBe(from);
  });

  it('CB-06: saved cookies with a saved callback make no second session, even if the server would accept the code again', async () => {
    const { browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    const thief = browser.copy();
    await browser.visit(callback);
    const grant = world.server.grants.at(-1);
    if (grant !== undefined) grant.isRedeemed = false;
    const from = exchanges();
    const trial: Trial = { browser: thief, outcome: 'transaction_consumed', signedIn: null };
    const page = await observe(world, trial, () => thief.visit(callback));
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/access');
    expect(exchanges()).toBe(from);
  });

  it('CB-04: the callback of an attacker in the browser of a victim is rejected, and the victim stays signed in', async () => {
    const attacker = createVisitor(world);
    const callback = await reachCallback(world, attacker.browser);
    const victim = visitor.browser.copy();
    const trial: Trial = {
      browser: victim,
      outcome: 'transaction_expired',
      signedIn: visitor.user,
      isKept: true,
    };
    await observe(world, trial, () => victim.visit(callback));
    expect(world.server.grants.at(-1)?.isRedeemed).toBe(false);
  });

  it('CB-24: the code of an attacker in the callback of a victim fails at the exchange', async () => {
    const attacker = createVisitor(world);
    const stolen = (await reachCallback(world, attacker.browser)).searchParams.get('code') ?? '';
    const victim = createVisitor(world);
    const callback = await reachCallback(world, victim.browser);
    callback.searchParams.set('code', stolen);
    const trial: Trial = { browser: victim.browser, outcome: 'invalid_grant', signedIn: null };
    await observe(world, trial, () => victim.browser.visit(callback));
  });

  it('CB-03: the state of one tab with the code of another fails at the exchange, and the sign-in of the other tab stays open', async () => {
    const { browser } = createVisitor(world);
    const mixed = await reachCallback(world, browser);
    const other = await reachCallback(world, browser);
    mixed.searchParams.set('code', other.searchParams.get('code') ?? '');
    const trial: Trial = { browser, outcome: 'invalid_grant', signedIn: null, openTransactions: 1 };
    await observe(world, trial, () => browser.visit(mixed));
  });

  it('CB-24: the swapped codes of two browsers fail at the exchange, and neither browser is signed in', async () => {
    const both = [createVisitor(world), createVisitor(world)];
    const callbacks = await Promise.all(both.map(({ browser }) => reachCallback(world, browser)));
    const codes = callbacks.map((callback) => callback.searchParams.get('code') ?? '').toReversed();
    for (const [index, { browser }] of both.entries()) {
      callbacks[index]?.searchParams.set('code', codes[index] ?? '');
      const address = callbacks[index] as URL;
      await observe(world, { browser, outcome: 'invalid_grant', signedIn: null }, () =>
        browser.visit(address),
      );
    }
  });

  it('CB-26: a sign-in as another user replaces the session, and the refresh token of the first user is revoked', async () => {
    const first = createVisitor(world);
    await signIn(world, first.browser);
    const firstToken = world.server.grants.at(-1)?.refreshTokens.at(-1) ?? '';
    const second = createVisitor(world);
    const trial: Trial = { browser: first.browser, outcome: 'signed_in', signedIn: second.user };
    await observe(world, trial, () => signIn(world, first.browser));
    await expect.poll(() => world.server.revoked, untilTestEnds).toContain(firstToken);
  });

  it('CB-27: a rejected response closes its transaction, so that the right response is rejected after it', async () => {
    const { browser } = createVisitor(world);
    const callback = await reachCallback(world, browser);
    const wrong = new URL(callback);
    wrong.searchParams.set('iss', 'https://evil.example');
    await browser.visit(wrong);
    const from = exchanges();
    await observe(world, { browser, outcome: 'transaction_expired', signedIn: null }, () =>
      browser.visit(callback),
    );
    expect(exchanges()).toBe(from);
  });
});
