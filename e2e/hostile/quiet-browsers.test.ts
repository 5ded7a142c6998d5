/** Browsers that say nothing about where a click comes from: no fetch metadata, no referrer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { contact, page as pageOf } from '../support/odd-data.ts';
import { createVisitor } from './attacks.ts';
import { linkIn, transactionsOf } from './journey.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ AUTH_LINK_PARAMS: 'connection' });
});
afterAll(() => world?.close());

/** Clicks what starts signing in, with no header that a quiet browser would not send. */
const click = (browser: HttpBrowser, page: Page) => browser.visit(linkIn(page, /^\/auth\/sign-in/));

function createQuietVisitor() {
  const visitor = createVisitor(world);
  visitor.browser.hasFetchMetadata = false;
  return visitor;
}

async function signInQuietly(): Promise<HttpBrowser> {
  const { browser } = createQuietVisitor();
  const asked = await click(browser, await browser.visit(`${world.appOrigin}/sign-in`));
  await click(browser, asked);
  return browser;
}

describe('a browser without fetch metadata and referrer', () => {
  it('AZ-06: "Sign in" asks for one more click, in words, and then signs in on the page that was wanted', async () => {
    const { user, browser } = createQuietVisitor();
    const wanted = await browser.visit(`${world.appOrigin}/dashboard/messages?page=2`);
    expect(wanted.url.pathname).toBe('/sign-in');
    const asked = await click(browser, wanted);
    expect(asked.url.pathname).toBe('/sign-in');
    expect(asked.html).toContain('does not say where a click comes from');
    expect(transactionsOf(world, browser)).toEqual([]);
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, async () => {
      const page = await click(browser, asked);
      expect(page.url.pathname + page.url.search).toBe('/dashboard/messages?page=2');
      return page;
    });
  });

  it('AZ-06: what was asked for besides the page is asked for after the second click', async () => {
    const browser = await signInQuietly();
    const asked = await browser.visit(
      `${world.appOrigin}/auth/sign-in?return_to=/dashboard/access&permission=write:messages&connection=google`,
    );
    expect(asked.html).toContain('does not say where a click comes from');
    await click(browser, asked);
    const request = world.server.grants.at(-1)?.request;
    expect([request?.get('prompt'), request?.get('connection')]).toEqual(['consent', 'google']);
  });

  it('CS-01: a link that exports asks for one more click, in words, and then sends the file', async () => {
    const browser = await signInQuietly();
    world.changeApiResponse = () => ({ status: 200, body: JSON.stringify(pageOf([contact])) });
    const contacts = await browser.visit(`${world.appOrigin}/dashboard/contacts`);
    const before = world.api.requests.length;
    const asked = await browser.visit(linkIn(contacts, /\/export$/));
    expect([asked.url.pathname, asked.status]).toEqual(['/dashboard/contacts/export', 200]);
    expect(asked.html).toContain('does not say where a click comes from');
    expect(world.api.requests).toHaveLength(before);
    const body = 'name\r\nAda\r\n';
    world.changeApiResponse = () => ({ status: 200, headers: { 'content-type': 'text/csv' }, body });
    const file = await browser.visit(linkIn(asked, /confirm=/));
    world.changeApiResponse = null;
    expect([file.html, file.headers.get('content-disposition')]).toEqual([
      body,
      expect.stringContaining('attachment'),
    ]);
  });

  it('CS-01: the confirmed link of another browser exports nothing, and asks', async () => {
    const attacker = await signInQuietly();
    const address = `${world.appOrigin}/dashboard/contacts/export`;
    const link = linkIn(await attacker.visit(address), /confirm=/);
    const victim = await signInQuietly();
    const before = world.api.requests.length;
    expect((await victim.visit(link)).html).toContain('does not say where a click comes from');
    expect(world.api.requests).toHaveLength(before);
  });

  it('AZ-06: the confirmation of another browser starts nothing, and asks for no permission', async () => {
    const attacker = createQuietVisitor();
    const page = await click(attacker.browser, await attacker.browser.visit(`${world.appOrigin}/sign-in`));
    const link = linkIn(page, /^\/auth\/sign-in/);
    link.searchParams.set('permission', 'write:messages');
    const victim = createQuietVisitor();
    const asked = await victim.browser.visit(link);
    expect([asked.url.pathname, transactionsOf(world, victim.browser)]).toEqual(['/sign-in', []]);
    const modern = new HttpBrowser();
    await modern.follow(link, { stopAtCallback: true });
    expect(world.server.grants.at(-1)?.request.get('prompt')).toBeNull();
  });
});
