/** RFC 9470: the API wants a fresher or stronger sign-in. The user confirms, signs in again, and the pending action runs. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ageSessions } from '../../sample/authorization-server/testing/age-sessions.ts';
import { decodeEntities, HttpBrowser, type Page } from '../support/http-browser.ts';
import { type ScriptedApi, startScriptedApi } from '../support/scripted-api.ts';
import { joinSessionCookie, openSeal } from '../support/seals.ts';
import { signInByHttp, submitAtServer } from '../support/sign-in-by-http.ts';
import { ada, grace, startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let browser: HttpBrowser;
beforeAll(async () => {
  stack = await startTestStack({ AUTH_PAR: 'when-required' });
});
afterAll(() => stack.close());
beforeEach(async () => {
  browser = new HttpBrowser();
  await signInLongAgo(browser);
});

const at = (path: string) => stack.appOrigin + path;
const sessionOf = (who: HttpBrowser) =>
  openSeal('session', stack.secrets.appSecret, joinSessionCookie(who.cookies(stack.appOrigin)));

/** Signed in now, by a session at the authorization server that began ten minutes ago. */
async function signInLongAgo(who: HttpBrowser): Promise<void> {
  await signInByHttp(stack, who);
  ageSessions(stack.settings.stateFolder, 600);
  await signInByHttp(stack, who);
}

const linkIn = (page: Page, pattern: RegExp) => {
  const href = [...page.html.matchAll(/href="([^"]+)"/g)]
    .map(([, value = '']) => decodeEntities(value))
    .find((value) => pattern.test(value));
  if (href === undefined) throw new Error(`No link ${pattern} in ${page.url.pathname}`);
  return new URL(href, page.url);
};
const deleteFirst = async (): Promise<{ page: Page; id: string }> => {
  const messages = await browser.visit(at('/dashboard/messages'));
  const id = /name="id" value="([^"]+)"/.exec(messages.html)?.[1] ?? '';
  return { page: await browser.submit(messages, /Delete message/, { id }), id };
};
const startAgain = (page: Page, maxRedirects?: number) =>
  browser.follow(linkIn(page, /^\/auth\/sign-in\?.*step_up=/), {
    stopAtCallback: true,
    ...(maxRedirects === undefined ? {} : { maxRedirects }),
  });
const isThere = async (id: string, who = browser) =>
  (await who.visit(at('/dashboard/messages'))).html.includes(`value="${id}"`);

describe('RC-06: deleting a message', () => {
  it('RC-06, SE-18, SE-01: asks to sign in again, and runs in a new session', async () => {
    const { page, id } = await deleteFirst();
    expect(page.url.pathname).toBe('/dashboard/confirm');
    expect(page.html).toContain('Sign in again to delete the message');
    expect(await isThere(id)).toBe(true);
    const before = await sessionOf(browser);
    const question = await startAgain(page);
    expect(question.html).toContain('name="password"');
    const done = await browser.visit(await submitAtServer(stack, browser, question));
    expect(done.url.pathname).toBe('/dashboard/confirm');
    expect(done.html).toContain('The message is deleted');
    expect(await isThere(id)).toBe(false);
    const after = await sessionOf(browser);
    expect(after.id).not.toBe(before.id);
    expect(Number(after.authTimeSec)).toBeGreaterThanOrEqual(Number(before.authTimeSec) + 600);
    expect((after.tokens as { scopes: string[] }).scopes).toEqual(
      (before.tokens as { scopes: string[] }).scopes,
    );
  });

  it('RC-06: with a fresh sign-in is done at once', async () => {
    const question = await startAgain((await deleteFirst()).page);
    await browser.visit(await submitAtServer(stack, browser, question));
    const { page, id } = await deleteFirst();
    expect(page.url.pathname).toBe('/dashboard/messages');
    expect(await isThere(id)).toBe(false);
  });

  it('SE-18: does not run for another user who signs in instead', async () => {
    const { page, id } = await deleteFirst();
    const question = await startAgain(page);
    const asked = await browser.visit(await submitAtServer(stack, browser, question, { email: grace }));
    // The server signed Ada out as Grace signed in there, and said so: there is no session to go back to.
    expect(asked.html).toContain('Another account answered');
    expect(asked.html).toContain('your session here has ended');
    expect(asked.html).toContain('account=another');
    // Grace goes on in her own name, and nothing waits for her.
    await signInByHttp(stack, browser, { email: grace });
    expect((await browser.visit(at('/dashboard/confirm'))).html).toContain('Nothing waits for you here');
    const hers = new HttpBrowser();
    await signInByHttp(stack, hers, { email: ada });
    expect(await isThere(id, hers)).toBe(true);
  });

  it('AZ-11: a response with an old sign-in is rejected, and the session does not change', async () => {
    const { page, id } = await deleteFirst();
    const start = await startAgain(page, 0);
    const request = new URL(start.responses[0]?.location ?? '');
    expect(request.searchParams.get('max_age')).toBe('300');
    // An attacker removes the requirement from the request, so the server responds at once, with the old time.
    request.searchParams.delete('max_age');
    const rejected = await browser.visit(request);
    expect([rejected.status, rejected.url.searchParams.get('code')]).toEqual([
      403,
      'unmet_authentication_requirements',
    ]);
    expect(stack.appEvents('sign_in_rejected').at(-1)?.reason).toBe('auth_time_too_old');
    expect(await isThere(id)).toBe(true);
  });

  it('RC-06: a user who gives up at the sign-in page stays signed in, and the action waits for another try', async () => {
    const { page, id } = await deleteFirst();
    const before = await sessionOf(browser);
    const question = await startAgain(page);
    const abort = new URL(`${question.url.pathname}/abort`, question.url);
    const declined = await browser.visit(abort, { form: {}, headers: { origin: question.url.origin } });
    expect(declined.url.searchParams.get('code')).toBe('access_denied');
    expect(await sessionOf(browser)).toEqual(before);
    expect((await browser.visit(at('/dashboard/confirm'))).html).toContain('Sign in again and delete');
    // "Try again" on the page that says so is for the same step-up.
    const again = await browser.visit(await submitAtServer(stack, browser, await startAgain(declined)));
    expect(again.html).toContain('The message is deleted');
    expect(await isThere(id)).toBe(false);
  });
});

describe('RC-06: exporting contacts', () => {
  it('RC-06: asks to sign in again first, and then sends the file', async () => {
    const page = await browser.follow(at('/dashboard/contacts/export'));
    expect(page.url.pathname).toBe('/dashboard/confirm');
    const question = await startAgain(page);
    const ready = await browser.visit(await submitAtServer(stack, browser, question));
    expect(ready.html).toContain('Your contacts are ready');
    const file = await browser.follow(linkIn(ready, /\/export$/));
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect(file.headers.get('cache-control')).toContain('no-store');
    expect(file.html.split('\r\n').length).toBeGreaterThan(10);
  });

  it('CS-01: a link from elsewhere exports nothing', async () => {
    const page = await browser.visit(at('/dashboard/contacts/export'), {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(page.url.pathname).toBe('/dashboard/contacts');
  });
});

describe('AZ-05: the step-up in the address', () => {
  it.each(['', 'junk', 'Fe26.2*1*a*b*c*d*e*f*g~2'])('AZ-05: %j asks for nothing special', async (stepUp) => {
    const start = await browser.follow(at(`/auth/sign-in?step_up=${stepUp}&max_age=0&acr_values=gold`), {
      maxRedirects: 0,
    });
    const request = new URL(start.responses[0]?.location ?? '').searchParams;
    expect([request.get('max_age'), request.get('acr_values')]).toEqual([null, null]);
  });

  it('AZ-05: that of another user asks for nothing special', async () => {
    const { page } = await deleteFirst();
    const stranger = new HttpBrowser();
    await signInByHttp(stack, stranger, { email: grace });
    const start = await stranger.follow(linkIn(page, /step_up=/), { maxRedirects: 0 });
    expect(new URL(start.responses[0]?.location ?? '').searchParams.get('max_age')).toBeNull();
  });
});

describe('RC-06: a step-up that can never be met', () => {
  let api: ScriptedApi | null = null;
  afterEach(async () => {
    await api?.close();
    api = null;
    await stack.start('API');
  });

  it('RC-06: leads to a page that says so, once, and keeps the session', async () => {
    await stack.stop('API');
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="gold", max_age="300"';
    api = await startScriptedApi(stack.settings.apiPort, () => ({
      status: 401,
      headers: { 'www-authenticate': challenge },
    }));
    const page = await browser.visit(at('/dashboard/contacts'));
    expect(page.html).toContain('This needs you to sign in again.');
    const question = await startAgain(page);
    const rejected = await browser.visit(await submitAtServer(stack, browser, question));
    expect([rejected.status, rejected.url.searchParams.get('code')]).toEqual([
      403,
      'unmet_authentication_requirements',
    ]);
    expect(stack.appEvents('sign_in_rejected').at(-1)?.reason).toBe('acr_not_as_asked');
    expect(rejected.html.replaceAll('<!-- -->', '')).toContain('You are still signed in as Ada Lindqvist');
  });
});
