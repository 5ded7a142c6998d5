/** What pages make of the responses of the API: one refresh, one repeated call, and no user signed out for nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { contact } from '../support/odd-data.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { joinSessionCookie } from '../support/seals.ts';
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

const claimsOf = (authorization = ''): { iat: number } =>
  JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString());
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
const sessionOf = (who: HttpBrowser) => joinSessionCookie(who.cookies(stack.appOrigin));

describe('an API at a wrong base address', () => {
  it('has one line in the log that names the variable', async () => {
    // It is said once: this test is the first one.
    const before = stack.appEvents('api_only_not_found').length;
    api = await startScriptedApi(stack.settings.apiPort, () => ({ status: 404 }));
    for (const path of ['/dashboard', '/dashboard/contacts', '/dashboard/messages'])
      await browser.copy().visit(stack.appOrigin + path);
    await expect
      .poll(() => stack.appEvents('api_only_not_found').slice(before))
      .toEqual([expect.objectContaining({ level: 'warn', variable: 'API_BASE_URL' })]);
  });
});

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

  it('RC-02: rejected by one resource again and again, leaves the session and every other page, and is refreshed once', async () => {
    const other = await signIn();
    const errors = () => stack.appEvents('token_rejected');
    const challenge = 'Bearer error="invalid_token", error_description="Unknown audience"';
    const before = errors().length;
    const page = await visit(
      (path) =>
        path.startsWith('/contacts/')
          ? { status: 401, headers: { 'www-authenticate': challenge } }
          : { status: 200, body: emptyPage },
      other,
    );
    expect(page.html).toContain('You have no contacts yet');
    for (let view = 0; view < 3; view += 1) {
      const rejected = await other.visit(`${stack.appOrigin}/dashboard/contacts/c_1`);
      expect([rejected.status, rejected.url.pathname]).toEqual([200, '/dashboard/contacts/c_1']);
      expect(rejected.responses.length).toBe(view === 0 ? 3 : 1);
      expect(rejected.html).toContain('Contacts does not let you in right now.');
      expect(rejected.html).toContain('You are still signed in');
      const whole = await other.visit(`${stack.appOrigin}/dashboard/contacts`);
      expect(whole.html).toContain('You have no contacts yet');
    }
    expect(new Set(api?.tokens).size).toBe(2);
    await expect.poll(() => errors().length).toBe(before + 1);
    expect(errors().at(-1)).toMatchObject({
      ...{ level: 'error', reason: 'invalid_token', resource: 'contacts', issuer: stack.settings.issuer },
      ...{ audience: expect.any(String), apiError: 'invalid_token', apiErrorDescription: 'Unknown audience' },
      ...{ ourTime: expect.stringMatching(/Z$/), apiTime: expect.stringMatching(/Z$/) },
    });
  });

  it('RC-02: an API that takes no token at all ends no session right after a sign-in', async () => {
    const other = await signIn();
    const page = await visit(() => ({ status: 401 }), other);
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
    const overview = await other.visit(`${stack.appOrigin}/dashboard`);
    expect([overview.status, overview.url.pathname]).toEqual([200, '/dashboard']);
    expect(overview.responses).toHaveLength(1);
  });

  it('RC-12: by an API whose clock is three seconds behind, is sent again as it is, and the page is shown', async () => {
    const other = await signIn();
    const refreshes = stack.appEvents('tokens_refreshed').length;
    let behindSec = Number.NaN;
    const page = await visit((_path, count) => {
      const { iat } = claimsOf(api?.tokens[count - 1]);
      // Its clock stands three seconds before the beginning of the token, and from the second request on right after it.
      const atSec = count === 1 ? iat - 3 : iat;
      if (count === 1) behindSec = iat - atSec;
      const date = new Date(atSec * 1000).toUTCString();
      return count === 1
        ? { status: 401, headers: { ...rejected.headers, date } }
        : { status: 200, body: emptyPage, headers: { date } };
    }, other);
    expect(page.html).toContain('You have no contacts yet');
    expect([behindSec, page.responses.length, new Set(api?.tokens).size, api?.tokens.length]).toEqual([
      3, 1, 1, 2,
    ]);
    expect(stack.appEvents('tokens_refreshed')).toHaveLength(refreshes);
  });

  it('RC-12: by an API whose clock is a minute behind, holds no page and says when to come back', async () => {
    const other = await signIn();
    const date = () => new Date(claimsOf(api?.tokens[0]).iat * 1000 - 60_000).toUTCString();
    const page = await visit(() => ({ status: 401, headers: { date: date() } }), other);
    expect([page.url.pathname, page.responses.length, api?.tokens.length]).toEqual([
      '/dashboard/contacts',
      1,
      1,
    ]);
    expect(page.html.replaceAll('<!-- -->', '')).toContain('Try again in 60 seconds.');
  });
});

describe('a link to a file that is saved by "Save link as"', () => {
  // As browsers send it: no document.
  const asDownload = {
    'sec-fetch-site': 'same-origin',
    'sec-fetch-dest': 'empty',
  };
  const save = async (who: HttpBrowser, response: ScriptedResponse, headers: Record<string, string> = {}) => {
    api = await startScriptedApi(stack.settings.apiPort, () => response);
    const address = `${stack.appOrigin}/dashboard/contacts/export`;
    return who.visit(address, { headers: { ...asDownload, ...headers } });
  };
  const csv = { status: 200, headers: { 'content-type': 'text/csv' }, body: 'name\r\n' };
  const stepUp = 'Bearer error="insufficient_user_authentication", max_age="300"';

  it('saves the file', async () => {
    const file = await save(browser, csv);
    expect([file.status, file.html]).toEqual([200, 'name\r\n']);
    expect(file.headers.get('content-disposition')).toContain('attachment');
  });

  it.each<[string, HttpBrowser | null, ScriptedResponse, Record<string, string>]>([
    ['without a session', new HttpBrowser(), csv, {}],
    ['when the API fails', null, { status: 503 }, {}],
    ['when the API rejects the token', null, rejected, {}],
    [
      'when the API wants a fresh sign-in',
      null,
      { status: 401, headers: { 'www-authenticate': stepUp } },
      {},
    ],
    ['when another site began it', null, csv, { 'sec-fetch-site': 'cross-site' }],
    ['when the browser does not say who began it', null, csv, { 'sec-fetch-site': 'none' }],
    ['by a prefetch', null, csv, { 'sec-purpose': 'prefetch' }],
  ])('CS-05: %s fails, and saves no web page', async (_when, who, response, headers) => {
    const file = await save(who ?? (await signIn()), response, headers);
    expect(file.status).toBeGreaterThanOrEqual(400);
    expect(file.responses).toHaveLength(1);
    expect(file.html).toBe('');
    expect(file.headers.get('content-type') ?? '').not.toContain('html');
    expect(file.headers.get('cache-control')).toContain('no-store');
  });
});

describe('ids in addresses of pages', () => {
  it.each([
    '..%2Fmessages',
    '..%5Cmessages',
    '%5C',
    '%0D%0AX-Evil:%201',
    '%2F%2F',
    '%252e%252e',
    '%2e%2e%2fmessages',
    'a%00',
  ])('PX-02: /dashboard/contacts/%s is no such contact, and the API is not asked', async (id) => {
    api = await startScriptedApi(stack.settings.apiPort, () => ({ status: 200, body: emptyPage }));
    const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts/${id}`);
    expect(page.html).toMatch(/There is no (?:such contact|page here)/);
    expect(api.requests).toEqual([]);
  });
});

describe('the title of the page of a contact', () => {
  const grace = { ...contact, name: 'Grace <Hopper> $& Co', email: '' };
  const titleOf = ({ html }: Page) => /<title>([^<]*)<\/title>.*<\/head>/s.exec(html)?.[1];

  it.each<[string, ScriptedResponse, string]>([
    [
      'the name, from the one call of the page',
      { status: 200, body: JSON.stringify(grace) },
      'Grace &lt;Hopper&gt; $&amp; Co · Contacts',
    ],
    ['the heading, without such a contact', { status: 404 }, 'There is no such contact'],
    ['without a name, when the call fails', { status: 503 }, 'Contact'],
  ])('has %s', async (_what, response, title) => {
    api = await startScriptedApi(stack.settings.apiPort, () => response);
    const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts/c_1`);
    expect(titleOf(page)).toBe(`${title} · Strongroom`);
    expect(api.requests.map(({ line }) => line)).toEqual(['GET /contacts/c_1']);
  });

  it('FW-01: says nothing without a session, and the API is not asked', async () => {
    api = await startScriptedApi(stack.settings.apiPort, () => ({
      status: 200,
      body: JSON.stringify(grace),
    }));
    const page = await new HttpBrowser().visit(`${stack.appOrigin}/dashboard/contacts/c_1`);
    expect(titleOf(page)).toBe('Sign in · Strongroom');
    expect([page.html.includes('Hopper'), api.requests]).toEqual([false, []]);
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

  it('RC-03: rejected twice, is not sent a third time; the session stays, and the text is in the form', async () => {
    const other = await signIn();
    await visit(() => ({ status: 200, body: emptyPage }), other);
    const page = await other.visit(`${stack.appOrigin}/dashboard/messages`);
    await api?.close();
    api = await startScriptedApi(stack.settings.apiPort, (_path, _count, method) =>
      method === 'POST' ? rejected : { status: 200, body: emptyPage },
    );
    const asked = await other.submit(page, /Post message/, { text: 'Kept for later' });
    expect(asked.url.pathname).toBe('/dashboard/messages');
    expect(asked.html).toContain('Messages does not let you in right now. Your text is kept.');
    expect(asked.html).toContain('>Kept for later</textarea>');
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
