/** What pages make of the responses of the API: one refresh, one repeated call, and no user signed out for nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let api: ScriptedApi | null = null;
const browser = new HttpBrowser();
beforeAll(async () => {
  stack = await startTestStack();
  await signInByHttp(stack, browser, { returnTo: '/dashboard/access' });
  await stack.stop('API');
});
afterEach(async () => {
  await api?.close();
  api = null;
});
afterAll(() => stack.close());

const emptyPage = JSON.stringify({ items: [], page: 1, per_page: 20, total: 0 });
const rejected: ScriptedResponse = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
};
const visit = async (
  response: (path: string, count: number) => ScriptedResponse,
  who = browser,
): Promise<Page> => {
  api = await startScriptedApi(stack.settings.apiPort, response);
  return who.visit(`${stack.appOrigin}/dashboard/contacts`);
};
/** A browser of its own: a session is recovered once a minute. */
const signIn = async () => {
  const other = new HttpBrowser();
  await signInByHttp(stack, other, { returnTo: '/dashboard/access' });
  return other;
};
const sessionOf = (who: HttpBrowser) => who.cookies(stack.appOrigin).get('strongroom')?.value;

describe('a rejected access token', () => {
  it('RC-02: rejected once, is refreshed, and the page is shown', async () => {
    const page = await visit(
      (_, count) => (count === 1 ? rejected : { status: 200, body: emptyPage }),
      await signIn(),
    );
    expect(page.url.pathname).toBe('/dashboard/contacts');
    expect(page.html).toContain('You have no contacts yet');
    expect(api?.tokens).toHaveLength(2);
    expect(new Set(api?.tokens).size).toBe(2);
  });

  it('RC-02: rejected again and again, leads to the sign-in page once, not in a loop', async () => {
    const other = await signIn();
    const page = await visit(() => rejected, other);
    expect(page.url.pathname).toBe('/sign-in');
    expect(page.url.searchParams.get('return_to')).toBe('/dashboard/contacts');
    expect(page.url.searchParams.get('reason')).toBe('invalid_token');
    expect(page.responses.length).toBeLessThanOrEqual(6);
    expect(api?.tokens).toHaveLength(2);
    expect((await other.visit(`${stack.appOrigin}/dashboard`)).url.pathname).toBe('/sign-in');
  });
});

describe('a form whose token is rejected', () => {
  const message = {
    id: 'm_1',
    author: { name: 'me' },
    text: 'Sent once',
    created_at: '2026-03-12T12:00:00Z',
    mine: true,
  };

  it('RC-03: is sent once more, word for word and under the same key', async () => {
    const other = await signIn();
    await visit(() => ({ status: 200, body: emptyPage }), other);
    const page = await other.visit(`${stack.appOrigin}/dashboard/messages`);
    await api?.close();
    let posts = 0;
    api = await startScriptedApi(stack.settings.apiPort, (_path, _count, method) => {
      if (method !== 'POST') return { status: 200, body: emptyPage };
      posts += 1;
      return posts === 1 ? rejected : { status: 201, body: JSON.stringify(message) };
    });
    await other.submit(page, /Post message/, { text: 'Sent once' });
    expect(api.posts).toHaveLength(2);
    expect(api.posts[0]).toEqual(api.posts[1]);
    expect(JSON.parse(api.posts[0]?.body ?? '')).toEqual({ text: 'Sent once' });
    expect(api.posts[0]?.key).toMatch(/^[\w-]{43}$/);
  });

  it('RC-03: rejected twice, is not sent a third time; the user signs in, and the text is kept', async () => {
    const other = await signIn();
    await visit(() => ({ status: 200, body: emptyPage }), other);
    const page = await other.visit(`${stack.appOrigin}/dashboard/messages`);
    await api?.close();
    api = await startScriptedApi(stack.settings.apiPort, (_path, _count, method) =>
      method === 'POST' ? rejected : { status: 200, body: emptyPage },
    );
    const asked = await other.submit(page, /Post message/, { text: 'Kept for later' });
    expect(asked.url.pathname).toBe('/sign-in');
    expect(asked.html).toContain('Nothing you wrote was lost.');
    expect(api.posts).toHaveLength(2);
  });
});

describe('the refresh endpoint, after a rejected token', () => {
  const endpoint = (rejected: string) =>
    `${stack.appOrigin}/auth/refresh?return_to=/dashboard/contacts&rejected=${rejected}`;
  const recovered = () => stack.appEvents('tokens_refreshed').length;

  it('RC-02: two tabs that were rejected the same token both get their page, with one refresh', async () => {
    const other = await signIn();
    const page = await visit(
      (_, count) => (count === 1 ? rejected : { status: 200, body: emptyPage }),
      other,
    );
    const address =
      page.responses.find(({ url }) => url.pathname === '/auth/refresh')?.url ?? new URL('about:blank');
    const before = recovered();
    const second = await other.visit(address);
    expect(second.url.pathname).toBe('/dashboard/contacts');
    expect(second.html).toContain('You have no contacts yet');
    expect(recovered()).toBe(before);
  });

  it('CB-11: a link from elsewhere does nothing, however often it is followed', async () => {
    const before = [recovered(), sessionOf(browser)];
    for (const guess of ['', 'AAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAA'])
      await browser.visit(endpoint(guess), {
        headers: { 'sec-fetch-site': 'cross-site' },
        maxRedirects: 0,
      });
    expect([recovered(), sessionOf(browser)]).toEqual(before);
  });

  it('a form that is redirected to it goes on as GET', async () => {
    const page = await browser.visit(endpoint('AAAAAAAAAAAAAAAA'), {
      form: { text: 'kept' },
      maxRedirects: 0,
    });
    expect(page.status).toBe(303);
    expect(page.responses[0]?.location).toContain('/auth/refresh?return_to=');
  });
});

describe('other failures of the API keep the user signed in', () => {
  const scope = (value: string) => ({
    'www-authenticate': `Bearer error="insufficient_scope", scope="${value}"`,
  });

  it.each<[string, ScriptedResponse, RegExp]>([
    ['RC-05: 403 without a reason', { status: 403 }, /don’t have access/],
    [
      'RC-04: 403 for a permission that is granted',
      { status: 403, headers: scope('read:contacts') },
      /don’t have access/,
    ],
    [
      'RC-04: 403 for a permission that the application never asks for',
      { status: 403, headers: scope('admin offline_access') },
      /don’t have access/,
    ],
    ['RC-07: 429 with a time', { status: 429, headers: { 'retry-after': '20' } }, /20 seconds/],
    ['RC-07: 429 with a senseless time', { status: 429, headers: { 'retry-after': '-1e9' } }, /in a moment/],
    ['RC-08: 500', { status: 500 }, /not answering/],
    [
      'RC-08: 503 with HTML',
      { status: 503, headers: { 'content-type': 'text/html' }, body: '<h1>x-marker</h1>' },
      /not answering/,
    ],
    [
      'RC-08: 200 with HTML',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>x-marker</h1>' },
      /not answering/,
    ],
    ['RC-08: 200 with broken JSON', { status: 200, body: '{"items":[' }, /not answering/],
    ['RC-08: 200 with another shape', { status: 200, body: '{"items":"x-marker"}' }, /not answering/],
    ['RC-08: 204', { status: 204 }, /not answering/],
    ['PX-07: a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, /not answering/],
    [
      'RC-08: 3 MB',
      { status: 200, body: JSON.stringify({ items: [], filler: 'x'.repeat(3_000_000) }) },
      /not answering/,
    ],
    [
      'RC-09: a challenge that makes no sense',
      { status: 403, headers: { 'www-authenticate': 'Bearer ===,,"' } },
      /don’t have access/,
    ],
  ])('%s', async (_, response, words) => {
    const before = sessionOf(browser);
    const page = await visit(() => response);
    expect(page.status).toBe(200);
    expect(page.html).toMatch(words);
    expect(page.html).not.toContain('x-marker');
    expect(page.html).toContain('Sign out');
    expect(sessionOf(browser)).toBe(before);
  });

  it('RC-11: what the API says is shown as text', async () => {
    const name = '<x-xss onload="alert(1)">\u202eevil';
    const item = {
      id: 'c_1',
      name,
      company: null,
      role: '',
      email: 'a@b.example',
      phone: '',
      city: '',
      country: '',
      notes: '',
      updated_at: '2026-01-01T00:00:00Z',
    };
    const page = await visit(() => ({
      status: 200,
      body: JSON.stringify({ items: [item], page: 1, per_page: 20, total: 1 }),
    }));
    expect(page.html).toContain('&lt;x-xss');
    expect(page.html).not.toContain('<x-xss');
  });
});
