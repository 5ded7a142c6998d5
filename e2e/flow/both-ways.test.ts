/**
 * Two ways lead to a page: the page guard of the server guard, which the build has, and Next's proxy, which `next
 * start` has. The same request gets the same response on both, and the same promises hold.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { bypassCorpus } from '../support/bypass-corpus.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { startOtherWay } from '../support/other-ways.ts';
import { type RawRequest, type RawResponse, sendRaw } from '../support/raw-request.ts';
import { expireAccessToken, sessionCookieShape } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let nextStart: Awaited<ReturnType<typeof startOtherWay>>;
const events: string[] = [];
const browser = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  const onLine = (line: string) => void events.push(JSON.parse(line).event);
  const env = { RATE_LIMIT_PER_MINUTE: '1000000' };
  const [started] = await Promise.all([
    startOtherWay('Next’s proxy', stack, { env, onLine }),
    signInByHttp(stack, browser, { returnTo: '/dashboard/messages' }),
  ]);
  nextStart = started;
});
afterAll(() => Promise.all([nextStart?.close(), stack.close()]));

/** What makes each response another one. */
function normalize(text: string): string {
  return text
    .replace(/nonce-[\w+/=]{24}/g, 'nonce-N')
    .replace(/(ref=|[Rr]eference[": ]+)[2-9A-Z]{4}-[2-9A-Z]{4}/g, '$1R')
    .replace(/Expires=[^;"]*/g, 'Expires=E')
    .replace(/=Fe26[^;"]*/g, '=SEALED');
}

/** How it travels, what is new each time, and what Next adds when it compresses. */
const unlike =
  /^(?:date|connection|keep-alive|content-length|transfer-encoding|x-request-id|etag|last-modified|vary|location|link)$/;

function describeResponse({ status, headers, body }: RawResponse, origin: string): object {
  const kept = Object.entries(headers).filter(([name]) => !unlike.test(name));
  const text = body.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ');
  const { pathname, search } = new URL(headers.location ?? '/', origin);
  return {
    status,
    headers: JSON.parse(normalize(JSON.stringify(Object.fromEntries(kept.toSorted())))),
    vary: headers.vary?.split(/, */).filter((name) => !/^accept-encoding$/i.test(name)) ?? [],
    location: normalize(pathname + search),
    // Next's proxy sends the address of a redirect as a body.
    text: status === 303 ? '' : normalize(text.replaceAll(origin, '')).replace(/\s+/g, ' '),
  };
}

/** @returns what both ways respond: the page guard, and Next's proxy */
async function askBoth(path: string, request: RawRequest): Promise<RawResponse[]> {
  const ask = (origin: string) => {
    const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
      name,
      value.replaceAll('ORIGIN', origin),
    ]);
    return sendRaw(origin, path, { ...request, headers: Object.fromEntries(headers) });
  };
  return [await ask(stack.appOrigin), await ask(nextStart.origin)];
}

/** Next says in other words that a page for an unknown address is not to be kept. */
const withoutStoring = (headers: RawResponse['headers']) =>
  headers['cache-control']?.includes('private, no-')
    ? { ...headers, 'cache-control': 'not stored' }
    : headers;

async function expectAlike(path: string, request: RawRequest): Promise<void> {
  const [guarded, other] = (await askBoth(path, request)).map((response, at) =>
    describeResponse(
      { ...response, headers: withoutStoring(response.headers) },
      at === 0 ? stack.appOrigin : nextStart.origin,
    ),
  );
  expect(guarded).toEqual(other);
}

const cookies = () =>
  [...browser.cookies(stack.appOrigin)].map(([name, { value }]) => `${name}=${value}`).join('; ');
const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document', origin: 'ORIGIN' };
/** Named one by one below. */
const isKnownUnlike = (path: string, { headers = {} }: RawRequest) =>
  /^\/_next\/data\/|.\/$|\/\/|\\|[?&](?:nxtP|x\.css$)/.test(path) ||
  Object.keys(headers).some((name) => /^next-router-(?:segment-)?prefetch$/.test(name));
const form = { ...own, 'content-type': 'application/x-www-form-urlencoded' };

describe('without a session', () => {
  it.each(bypassCorpus.filter(([, path, request]) => !isKnownUnlike(path, request)))(
    'FW-02: %s gets the same response',
    (_name, path, request) => expectAlike(path, request),
  );

  it.each<[string, string, RawRequest, number, number]>([
    ['Next leads to the address without its slash before its proxy', '/dashboard/', {}, 303, 308],
    [
      'a page of the router’s own data is none of this build',
      '/_next/data/build/dashboard.json',
      {},
      404,
      303,
    ],
    [
      'Next hides the prefetches of its router from its proxy',
      '/dashboard',
      { headers: { rsc: '1', 'next-router-prefetch': '1' } },
      503,
      303,
    ],
  ])('FW-02: %s', async (_why, path, request, guarded, other) => {
    const responses = await askBoth(path, request);
    expect(responses.map(({ status }) => status)).toEqual([guarded, other]);
    for (const { body } of responses)
      expect(body).not.toMatch(/Export all|What needs you|permissions granted/);
  });

  it.each<[string, string, RawRequest]>([
    ['a public page', '/', { headers: own }],
    ['the sign-in page', '/sign-in?return_to=/dashboard', { headers: own }],
    ['HEAD', '/dashboard', { method: 'HEAD', headers: own }],
    ['HEAD for a public page', '/', { method: 'HEAD', headers: own }],
    ['a problem page', '/sign-in/problem?code=temporarily_unavailable&wait=7', { headers: own }],
    ['an address that leads nowhere', '/nowhere?code=secret', { headers: own }],
    ['a protected one', '/dashboard/nowhere', { headers: own }],
    ['one that resembles a route of ours', '/AUTH/callback/provider?code=secret', { headers: own }],
    ['HEAD for it', '/nowhere', { method: 'HEAD', headers: own }],
    ['a form sent to it', '/nowhere', { method: 'POST', headers: form, body: 'a=1' }],
    ['a picture that is not there', '/nowhere.png', { headers: { ...own, 'sec-fetch-dest': 'image' } }],
    ['a file', '/robots.txt', { headers: own }],
    ['the state of the session', '/auth/status', { headers: { ...own, 'sec-fetch-dest': 'empty' } }],
    [
      'a frame of another site',
      '/',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' } },
    ],
    [
      'a form of another site',
      '/sign-in',
      { method: 'POST', headers: { ...form, origin: 'https://evil.example' } },
    ],
    ['an encoded letter', '/%64ashboard', { headers: own }],
    ['an unfinished encoding', '/dashboard/contacts/%', { headers: own }],
    [
      'a policy of the browser’s own',
      '/',
      { headers: { ...own, 'content-security-policy': "script-src 'nonce-x'" } },
    ],
  ])('CS-05: %s gets the same response', (_name, path, request) => expectAlike(path, request));

  it('CS-05: a health check gets the same response, but for what Next says of its own router', async () => {
    const [guarded, other] = (await askBoth('/healthz', {})).map((response, at) => {
      const { vary: _vary, ...headers } = response.headers;
      return describeResponse({ ...response, headers }, at === 0 ? stack.appOrigin : nextStart.origin);
    });
    expect(guarded).toEqual(other);
  });
});

describe('with a session', () => {
  it.each([
    '/dashboard',
    '/dashboard/contacts?q=a%20b',
    '/dashboard/contacts/nobody',
    '/dashboard/contacts/export',
    '/dashboard/session/name',
    '/dashboard/access',
    '/dashboard/nowhere',
    '/sign-in?return_to=/dashboard/messages',
    '/',
  ])('SE-15: %s gets the same response', (path) =>
    expectAlike(path, { headers: { ...own, cookie: cookies() } }),
  );

  it('RL-05: a form without an action gets the same page', () =>
    expectAlike('/dashboard/messages', {
      method: 'POST',
      headers: { ...form, cookie: cookies() },
      body: 'a=1',
    }));
});

/** RF-15 in request-kinds.test.ts is about the way that the build has. */
describe('through Next’s proxy', () => {
  const refreshes = () => events.filter((event) => event === 'tokens_refreshed').length;
  const at = (path: string) => nextStart.origin + path;
  beforeEach(() => signInByHttp(stack, browser, { returnTo: '/dashboard/messages' }));

  it('RF-15: the new tokens reach the browser with a page, and work', async () => {
    await expireAccessToken(stack, browser);
    const before = refreshes();
    const page = await browser.visit(at('/dashboard/contacts'));
    const lines = page.responses.flatMap(({ setCookies }) => setCookies);
    expect(lines.some((line) => sessionCookieShape.test(line))).toBe(true);
    expect((await browser.visit(at('/dashboard/contacts'))).html).toContain('<table');
    expect(refreshes() - before).toBe(1);
  });

  it('RF-15, CS-01: and with a form, whose action sets cookies of its own', async () => {
    const page = await browser.visit(at('/dashboard/messages'));
    await expireAccessToken(stack, browser);
    const before = refreshes();
    const answered = await browser.submit(page, /Post message/, { text: 'word '.repeat(500) });
    expect(answered.html).toContain('at most 2,000');
    expect((await browser.visit(at('/dashboard/contacts'))).html).toContain('<table');
    expect(refreshes() - before).toBe(1);
  });

  it('RF-14: a prefetch with due tokens refreshes nothing', async () => {
    await expireAccessToken(stack, browser);
    const before = refreshes();
    const page = await browser.visit(at('/dashboard'), { headers: { 'sec-purpose': 'prefetch' } });
    expect([page.status, refreshes() - before]).toEqual([503, 0]);
  });

  it('SE-04: a user who signs out meets the sign-in page, whichever instance they ask', async () => {
    const copy = browser.copy();
    const page = await browser.visit(at('/dashboard/session'));
    await browser.submit(page, /sign-out/);
    expect((await copy.visit(at('/dashboard'))).url.pathname).toBe('/sign-in');
  });
});
