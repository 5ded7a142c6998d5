/** Two APIs, one session: each gets tokens of its own, and one that is not available costs its part of a page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { type ScriptedApi, startScriptedApi } from '../support/scripted-api.ts';
import { editSession, expireAccessToken, joinSessionCookie, openSeal } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

const heading = 'What you have planned together';
const refreshes = () => stack.appEvents('tokens_refreshed').map(({ api }) => api);
const rejectedAtApis = () =>
  stack.lines.filter(({ server, line }) => server === 'API' && line.includes('"code":"invalid_token"'));

async function signIn(permissions?: string[]): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  const chosen = permissions === undefined ? {} : { permissions };
  await signInByHttp(stack, browser, { returnTo: '/dashboard/contacts', ...chosen });
  return browser;
}

/** Opens the first contact of the list. */
async function openContact(browser: HttpBrowser): Promise<Page> {
  const { html } = await browser.follow(`${stack.appOrigin}/dashboard/contacts`);
  const path = /href="(\/dashboard\/contacts\/c_[\w-]+)"/.exec(html)?.[1] ?? '';
  return browser.follow(stack.appOrigin + path);
}

const says = ({ html }: Page, words: string) => html.includes(words);

async function readTokens(browser: HttpBrowser) {
  const sealed = joinSessionCookie(browser.cookies(stack.appOrigin));
  const { tokens } = await openSeal('session', stack.secrets.appSecret, sealed);
  return tokens as Tokens;
}

type Token = { accessToken: string; target: string; expiresAtSec: number; obtainedAtSec: number };
type Tokens = Token & { apiTokens: Record<string, Token> };

const audienceOf = (token = '') =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { aud: string }).aud;

describe('two APIs, one session', () => {
  it('RF-01: the token for the second one is got when a page needs it first, and goes there alone', async () => {
    const browser = await signIn();
    expect((await readTokens(browser)).apiTokens).toEqual({});
    const page = await openContact(browser);
    expect([page.status, page.html.includes(heading)]).toEqual([200, true]);
    expect(page.responses.map(({ url }) => url.pathname)).toContain('/auth/refresh');
    const { accessToken, apiTokens } = await readTokens(browser);
    expect(audienceOf(accessToken)).toBe(stack.settings.apiIdentifier);
    expect(audienceOf(apiTokens.calendar?.accessToken)).toBe(stack.settings.calendarIdentifier);
    expect((await browser.follow(page.url)).responses).toHaveLength(1);
    expect(rejectedAtApis()).toEqual([]);
  });

  it('RF-02, RF-03: all tokens expired at once: many requests, one refresh for each API, and no redirect', async () => {
    const browser = await signIn();
    const { url } = await openContact(browser);
    await expireAccessToken(stack, browser);
    const before = refreshes().length;
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.copy().follow(url)));
    for (const page of pages) expect([page.responses.length, page.html.includes(heading)]).toEqual([1, true]);
    expect(refreshes().slice(before)).toEqual(['main', 'calendar']);
    expect(rejectedAtApis()).toEqual([]);
  });

  it('RF-05: tokens in each other’s place, as after a change of the declaration, are replaced and sent nowhere', async () => {
    const browser = await signIn();
    const { url } = await openContact(browser);
    await editSession(stack, browser, (session) => {
      const { apiTokens, ...rest } = session.tokens as Tokens;
      const { accessToken, target, expiresAtSec, obtainedAtSec } = rest;
      const first = { accessToken, target, expiresAtSec, obtainedAtSec };
      return { ...session, tokens: { ...rest, ...apiTokens.calendar, apiTokens: { calendar: first } } };
    });
    const before = refreshes().length;
    const page = await browser.follow(url);
    expect([page.status, page.html.includes(heading)]).toEqual([200, true]);
    expect(refreshes().slice(before)).toEqual(['main', 'calendar']);
    const { accessToken, apiTokens } = await readTokens(browser);
    expect(audienceOf(accessToken)).toBe(stack.settings.apiIdentifier);
    expect(audienceOf(apiTokens.calendar?.accessToken)).toBe(stack.settings.calendarIdentifier);
    expect(rejectedAtApis()).toEqual([]);
  });

  it('RF-13: signing out ends the access to both', async () => {
    const browser = await signIn();
    const page = await openContact(browser);
    const old = browser.copy();
    await browser.submit(await browser.follow(`${stack.appOrigin}/dashboard/session`), /\/auth\/sign-out$/);
    await expireAccessToken(stack, old);
    const before = refreshes().length;
    expect((await old.follow(page.url)).url.pathname).toBe('/sign-in');
    expect(refreshes()).toHaveLength(before);
  });
});

describe('an API that is not available', () => {
  it('costs its part of the page: the contact stays', async () => {
    const browser = await signIn();
    await openContact(browser);
    await stack.stop('API');
    const contact = {
      id: 'c_1',
      name: 'Contact of the script',
      email: 'c@example.test',
      updated_at: '2026-03-12T12:00:00Z',
    };
    let api: ScriptedApi | null = null;
    try {
      api = await startScriptedApi(stack.settings.apiPort, () => ({
        status: 200,
        body: JSON.stringify(contact),
      }));
      const page = await browser.follow(`${stack.appOrigin}/dashboard/contacts/c_1`);
      expect(says(page, 'Contact of the script')).toBe(true);
      expect(says(page, 'Your calendar is not answering.')).toBe(true);
      const tokens = new Set(api.tokens.map((header) => audienceOf(header.split(' ')[1])));
      expect([...tokens]).toEqual([stack.settings.apiIdentifier]);
    } finally {
      await api?.close();
      await stack.start('API');
    }
  });

  it('U-CONSENT: a permission that was declined is asked for beside it, and the server for no token', async () => {
    const browser = new HttpBrowser();
    const email = 'grace@strongroom.test';
    const permissions = ['read:contacts', 'offline_access'];
    await signInByHttp(stack, browser, { email, permissions, returnTo: '/dashboard/contacts' });
    const page = await openContact(browser);
    expect(says(page, 'Grant ‘')).toBe(true);
    expect(says(page, 'See your calendar')).toBe(true);
    const before = refreshes().length;
    const again = await browser.follow(page.url);
    expect([again.responses.length, again.html.includes('See your calendar')]).toEqual([1, true]);
    expect(refreshes()).toHaveLength(before);
    expect(rejectedAtApis()).toEqual([]);
  });
});
