/** The cookies of a running application: secrets that change, tokens that do not fit, headers that other sites have filled. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { editSession, expireAccessToken, joinSessionCookie, openSeal } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { grace, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let browser: HttpBrowser;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  browser = new HttpBrowser();
});

const contacts = () => `${stack.appOrigin}/dashboard/contacts`;
const cookieOf = (who: HttpBrowser) => joinSessionCookie(who.cookies(stack.appOrigin));
const isSignedIn = async (who: HttpBrowser) =>
  (await who.visit(contacts())).url.pathname === '/dashboard/contacts';
const send = (cookie: string, headers: Record<string, string> = {}) =>
  fetch(contacts(), {
    headers: { cookie, 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document', ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(240_000),
  });

describe('CK-11: access tokens that do not fit', () => {
  it.each([
    [6, 4_000],
    [12, 8_500],
    [40, 29_500],
  ])(
    'CK-11: of %d KB stay in the store; the cookies stay small, and refreshing and signing out work',
    async (kilobytes, padding) => {
      await stack.stop('authorization server');
      await stack.start('authorization server', { SAMPLE_ACCESS_TOKEN_PADDING: String(padding) });
      await signInByHttp(stack, browser, { returnTo: '/dashboard/contacts' });
      expect(stack.appEvents('session_by_reference').at(-1)?.chars).toBeGreaterThan(kilobytes * 1_000);
      expect(cookieHeader(browser, stack.appOrigin).length).toBeLessThan(7_000);
      expect((await browser.visit(contacts())).html).toContain('<table');
      const before = stack.appEvents('tokens_refreshed').length;
      await editSession(stack, browser, (session) => ({
        ...session,
        lastSeenAtSec: Math.floor(Date.now() / 1000),
      }));
      expect(await isSignedIn(browser)).toBe(true);
      const copy = browser.copy();
      await browser.submit(await browser.visit(contacts()), /sign-out/);
      expect(await isSignedIn(copy)).toBe(false);
      expect(stack.appEvents('tokens_refreshed').length).toBe(before);
    },
  );

  it('CK-11: five unfinished sign-ins and the largest session stay under 7 KB together', async () => {
    await stack.stop('authorization server');
    await stack.start('authorization server');
    await signInByHttp(stack, browser);
    for (let number = 0; number < 8; number += 1)
      await browser.follow(
        `${stack.appOrigin}/auth/sign-in?return_to=/dashboard/contacts?q=${'x'.repeat(300)}`,
        { maxRedirects: 0 },
      );
    const chars = [...browser.cookies(stack.appOrigin)].reduce(
      (sum, [name, { value }]) => sum + name.length + value.length,
      0,
    );
    expect(chars).toBeLessThanOrEqual(7_000);
    expect(await isSignedIn(browser)).toBe(true);
  });
});

describe('cookies of other sites in the header', () => {
  it('CK-12: cookies of other applications beyond 16 KB get 431 from Node, and without them the page is shown', async () => {
    await signInByHttp(stack, browser);
    const own = `strongroom=${cookieOf(browser)}`;
    expect((await send(`${own}; foreign=${'x'.repeat(20_000)}`)).status).toBe(431);
    expect((await send(own)).status).toBe(200);
  });

  it('CK-14: of two cookies with one name one is read, in either order, without an error', async () => {
    const hers = new HttpBrowser();
    await signInByHttp(stack, browser);
    await signInByHttp(stack, hers, { email: grace });
    const [ada, other] = [`strongroom=${cookieOf(browser)}`, `strongroom=${cookieOf(hers)}`];
    for (const cookie of [
      `${ada}; strongroom=junk`,
      `strongroom=junk; ${ada}`,
      `${ada}; ${other}`,
      `${other}; ${ada}`,
    ]) {
      const response = await send(cookie);
      expect([200, 303]).toContain(response.status);
      const names = new Set((await response.text()).match(/Ada Lindqvist|Grace Okafor/g));
      expect(names.size).toBeLessThanOrEqual(1);
    }
  });

  it.each(['Bearer %', 'Bearer', 'Basic %%%', 'Bearer \u00ff', 'DPoP x.y.z'])(
    'SE-17: the header Authorization: %j is ignored',
    async (authorization) => {
      expect((await send('', { authorization })).status).toBe(303);
      await signInByHttp(stack, browser);
      expect((await send(`strongroom=${cookieOf(browser)}`, { authorization })).status).toBe(200);
    },
  );

  it('CK-16: a link from another site to a page finds its user signed in (SameSite=Lax)', async () => {
    await signInByHttp(stack, browser);
    const page = await browser.visit(contacts(), { headers: { 'sec-fetch-site': 'cross-site' } });
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
  });

  it('SE-02, CK-08: a session cookie that the browser keeps too long is expired', async () => {
    await signInByHttp(stack, browser);
    await editSession(stack, browser, (session) => ({
      ...session,
      endsAtSec: Math.floor(Date.now() / 1000) - 1,
    }));
    expect(await isSignedIn(browser)).toBe(false);
    expect((await openSeal('session', stack.secrets.appSecret, cookieOf(browser))).id).toBeDefined();
  });
});

/** The last of this file: the application comes to know other keys. */
describe('CK-07: keys', () => {
  const restart = async (secrets: string) => {
    await stack.stop('application');
    await stack.start('application', { AUTH_SECRET: secrets });
  };

  it('CK-07: a secret marked next opens before it seals, so an instance that knows it changes nothing for the others', async () => {
    const [old, newer] = [stack.secrets.appSecret, randomBytes(32).toString('base64url')];
    await restart(`2:next:${newer},1:${old}`);
    await signInByHttp(stack, browser);
    expect(cookieOf(browser).slice(0, 9)).toBe('Fe26.2*1*');
    await restart(`2:${newer},1:${old}`);
    const early = new HttpBrowser();
    await signInByHttp(stack, early);
    expect(cookieOf(early).slice(0, 9)).toBe('Fe26.2*2*');
    await restart(`2:next:${newer},1:${old}`);
    expect(await isSignedIn(early)).toBe(true);
    await restart(`1:${old}`);
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('CK-07: a newer secret keeps sessions and seals from then on; a removed secret makes its sessions unreadable', async () => {
    const [old, newer] = [stack.secrets.appSecret, randomBytes(32).toString('base64url')];
    const away = new HttpBrowser();
    await Promise.all([signInByHttp(stack, browser), signInByHttp(stack, away)]);
    await expireAccessToken(stack, browser);
    await restart(`2:${newer},1:${old}`);
    expect(await isSignedIn(browser)).toBe(true);
    expect(await isSignedIn(away)).toBe(true);
    expect([cookieOf(browser), cookieOf(away)].map((seal) => seal.slice(0, 9))).toEqual([
      'Fe26.2*2*',
      'Fe26.2*1*',
    ]);
    await restart(`2:${newer}`);
    expect(await isSignedIn(browser)).toBe(true);
    const rejected = await away.visit(contacts());
    expect([rejected.status, rejected.url.pathname, rejected.url.searchParams.get('reason')]).toEqual([
      200,
      '/sign-in',
      'unreadable',
    ]);
  });
});
