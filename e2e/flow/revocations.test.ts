/** Sessions that must end are rejected: at their time, everywhere at once, and for every copy of their cookie. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import {
  editSession,
  expireAccessToken,
  joinSessionCookie,
  openSeal,
  sessionCookieShape,
} from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { grace, startTestStack, type TestStack } from '../support/test-stack.ts';

const idleMinutes = 30;
let stack: TestStack;
let browser: HttpBrowser;
beforeAll(async () => {
  stack = await startTestStack({ SESSION_IDLE_MINUTES: String(idleMinutes) });
});
afterAll(() => stack.close());
beforeEach(async () => {
  browser = new HttpBrowser();
  await signInByHttp(stack, browser);
});

const dashboard = () => `${stack.appOrigin}/dashboard`;
const isSignedIn = async (who: HttpBrowser, headers: Record<string, string> = {}) =>
  (await who.visit(dashboard(), { headers })).url.pathname === '/dashboard';
const cookieOf = (who: HttpBrowser, name: string) => who.cookies(stack.appOrigin).get(name)?.value ?? '';
const sealOf = (who: HttpBrowser) => joinSessionCookie(who.cookies(stack.appOrigin));
const sessionOf = (who: HttpBrowser) => openSeal('session', stack.secrets.appSecret, sealOf(who));
const revocations = () =>
  stack.lines.filter(
    ({ server, line }) => server === 'authorization server' && /"event":"revoked"/.test(line),
  ).length;
/** As if the user had last been seen so long ago. */
const leaveFor = (who: HttpBrowser, minutes: number) =>
  editSession(stack, who, (session) => ({ ...session, lastSeenAtSec: nowSec() - minutes * 60 }));

describe('lifetimes', () => {
  it('SE-02: after the idle time the session is expired, however fresh its tokens are; the wanted page is kept', async () => {
    await leaveFor(browser, idleMinutes - 1);
    expect(await isSignedIn(browser)).toBe(true);
    const other = new HttpBrowser();
    await signInByHttp(stack, other);
    await leaveFor(other, idleMinutes + 1);
    const page = await other.visit(`${stack.appOrigin}/dashboard/contacts?q=an`);
    expect(page.url.pathname).toBe('/sign-in');
    expect(page.url.searchParams.get('reason')).toBe('idle');
    expect(page.html).toContain(
      `You were away for more than ${idleMinutes} minutes, so you were signed out.`,
    );
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/contacts?q=an');
  });

  it('SE-02: at its absolute end the session is expired, however active it is', async () => {
    await editSession(stack, browser, (session) => ({ ...session, endsAtSec: nowSec() - 1 }));
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('SE-02: opening a page is noted in a cookie of its own, not more often than needed', async () => {
    await leaveFor(browser, 20);
    const before = sealOf(browser);
    expect(await isSignedIn(browser)).toBe(true);
    const noted = cookieOf(browser, 'strongroom-last-seen');
    expect(noted).not.toBe('');
    // The cookie with the tokens is written by sign-in and refresh alone.
    expect(sealOf(browser)).toBe(before);
    expect(await isSignedIn(browser)).toBe(true);
    expect(cookieOf(browser, 'strongroom-last-seen')).toBe(noted);
  });

  it('SE-03: a prefetch does not prolong the session', async () => {
    await leaveFor(browser, 20);
    const page = await browser.visit(dashboard(), { headers: { 'sec-purpose': 'prefetch' } });
    expect(page.responses.flatMap(({ setCookies }) => setCookies)).toEqual([]);
    expect(cookieOf(browser, 'strongroom-last-seen')).toBe('');
  });

  it('SE-03: asking whether the session is active does not keep the user signed in', async () => {
    await leaveFor(browser, 20);
    const ask = (who: HttpBrowser) =>
      who.visit(`${stack.appOrigin}/auth/status`, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect((await ask(browser)).status).toBe(204);
    expect(cookieOf(browser, 'strongroom-last-seen')).toBe('');
    expect((await ask(new HttpBrowser())).status).toBe(401);
    const crossSite = await browser.visit(`${stack.appOrigin}/auth/status`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossSite.status).toBe(403);
  });

  it('SE-03: a refresh alone does not move the time the user was last seen', async () => {
    await leaveFor(browser, 20);
    await expireAccessToken(stack, browser);
    const before = (await sessionOf(browser)).lastSeenAtSec;
    await browser.visit(dashboard());
    const after = await sessionOf(browser);
    expect((after.tokens as { expiresAtSec: number }).expiresAtSec).toBeGreaterThan(nowSec());
    expect(after.lastSeenAtSec).toBe(before);
  });
});

describe('signing out everywhere', () => {
  it('SE-12: revokes the sessions of the user in every browser at once, and of no other user', async () => {
    const [second, hers] = [new HttpBrowser(), new HttpBrowser()];
    await signInByHttp(stack, second);
    await signInByHttp(stack, hers, { email: grace });
    const page = await browser.visit(`${stack.appOrigin}/dashboard/session`);
    const out = await browser.submit(page, /Sign out everywhere/);
    expect(out.url.pathname).toBe('/signed-out');
    const before = revocations();
    expect(await isSignedIn(second)).toBe(false);
    expect(await isSignedIn(second)).toBe(false);
    // Its grant goes with it, once.
    expect(revocations() - before).toBe(1);
    expect(await isSignedIn(hers)).toBe(true);
    await signInByHttp(stack, second);
    expect(await isSignedIn(second)).toBe(true);
  });
});

describe('a new sign-in in the same browser', () => {
  it('SE-01: has a new id, and a cookie that was there before is never adopted', async () => {
    const before = await sessionOf(browser);
    const planted = browser.copy();
    await signInByHttp(stack, browser);
    const after = await sessionOf(browser);
    expect(after.id).not.toBe(before.id);
    // Requests on their way are served for a minute; then the old cookie is rejected.
    expect(await isSignedIn(planted)).toBe(true);
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('SE-01: the replaced session does not refresh, and writes no cookie over the new one', async () => {
    const old = browser.copy();
    await signInByHttp(stack, browser);
    await expireAccessToken(stack, old);
    const page = await old.visit(`${stack.appOrigin}/dashboard/session`);
    expect(page.url.pathname).toBe('/dashboard/session');
    expect(
      page.responses.flatMap(({ setCookies }) => setCookies).filter((line) => sessionCookieShape.test(line)),
    ).toEqual([]);
  });
});

describe('a sign-out during a refresh', () => {
  it('RF-13: wins: no response sets the cookie again, not even of the request under way', async () => {
    await expireAccessToken(stack, browser);
    const page = await browser.copy().visit(`${stack.appOrigin}/dashboard/session`);
    await expireAccessToken(stack, browser);
    const late = browser.copy();
    const [out] = await Promise.all([
      browser.submit(page, /action="\/auth\/sign-out"|Sign out/),
      late.visit(dashboard()),
    ]);
    expect(out.url.pathname).toBe('/signed-out');
    expect(await isSignedIn(late)).toBe(false);
    expect(await isSignedIn(browser)).toBe(false);
  });
});
