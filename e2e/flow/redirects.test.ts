/** No request is redirected to another site: every vector at every place that takes a target, and raw request lines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declaration } from '../../lib/declaration.ts';
import { parseReturnTo } from '../../lib/strongroom/base/return-to.ts';
import { type ReturnToVector, returnToVectors } from '../../lib/strongroom/base/return-to.vectors.ts';
import { sendRaw } from '../../sample/api/testing/raw-request.ts';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { listLinks } from '../support/links.ts';
import { cookieHeader } from '../support/page-script.ts';
import { signInByHttp, startByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
const signedIn = new HttpBrowser();
const visitors = { 'signed out': new HttpBrowser(), 'signed in': signedIn };
beforeAll(async () => {
  stack = await startTestStack({ AUTH_PAR: 'when-required' });
  await signInByHttp(stack, signedIn, { returnTo: '/dashboard/access' });
});
afterAll(() => stack.close());

const at = (path: string) => stack.appOrigin + path;
const own = { 'sec-fetch-site': 'same-origin' };

/** As a form or an address would carry it; a list is the parameter twice, and nothing is nothing. */
function queryOf({ value }: ReturnToVector): string {
  const values = Array.isArray(value) ? [value[0], '/dashboard'] : [value];
  const query = new URLSearchParams();
  for (const one of values)
    if (typeof one === 'string') query.append('return_to', one);
    else if (one !== null) query.append('return_to[url]', '//evil.example');
  return String(query);
}

/** What becomes of it: a lone surrogate travels as U+FFFD. */
function wantedOf({ value, accepted }: ReturnToVector): string {
  const isBroken = typeof value === 'string' && !value.isWellFormed();
  const { paths } = declaration;
  return isBroken ? parseReturnTo(value.toWellFormed(), paths) : (accepted ?? paths.afterSignIn);
}

/** Where the browser would be, or null when it stays. */
function targetOf({ url, responses }: Page): URL | null {
  const location = responses.at(-1)?.location ?? null;
  return location === null ? null : new URL(location, url);
}

async function inBatches<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < all.length; start += 8)
    await Promise.all(all.slice(start, start + 8).map(work));
}

describe.each(Object.entries(visitors))('%s', (_who, browser) => {
  const entries: Record<string, (query: string) => Promise<Page>> = {
    'the link of another site': (query) =>
      browser.visit(at(`/auth/sign-in?${query}`), {
        headers: { 'sec-fetch-site': 'cross-site' },
        maxRedirects: 0,
      }),
    'the page that asks': (query) => browser.visit(at(`/sign-in?${query}`), { maxRedirects: 0 }),
    'the page after a problem': (query) =>
      browser.visit(at(`/sign-in/problem?code=access_denied&${query}`), { maxRedirects: 0 }),
    'the endpoint back from a rejected token': (query) =>
      browser.visit(at(`/auth/refresh?${query}`), { maxRedirects: 0 }),
    'a form that is led to that endpoint': (query) =>
      browser.visit(at(`/auth/refresh?${query}`), { form: {}, headers: own, maxRedirects: 0 }),
  };

  it.each(Object.entries(entries))(
    'RD-01: all 95 vectors at %s lead to our own pages',
    async (_entry, enter) => {
      await inBatches(returnToVectors, async (vector) => {
        const page = await enter(queryOf(vector));
        expect(page.status, vector.name).toBeLessThan(500);
        const targets = [targetOf(page), ...listLinks(page)].filter((one) => one !== null);
        for (const { origin, pathname } of targets) {
          expect(origin, vector.name).toBe(stack.appOrigin);
          expect(pathname, vector.name).not.toMatch(/^\/[/\\]/);
        }
        const wanted = targets.flatMap(({ searchParams }) => searchParams.getAll('return_to'));
        for (const one of wanted)
          expect(parseReturnTo(one, declaration.paths), vector.name).toBe(wantedOf(vector));
      });
    },
  );
});

describe('signing in with a target', () => {
  it('RD-01, RD-05: all 95 vectors end on our origin, and none reaches the authorization server', async () => {
    await inBatches(returnToVectors, async (vector) => {
      const browser = signedIn.copy();
      const start = await browser.visit(at(`/auth/sign-in?${queryOf(vector)}`), {
        headers: own,
        stopAtCallback: true,
      });
      const callback = targetOf(start);
      expect(callback?.pathname, vector.name).toBe('/auth/callback/provider');
      const end = await browser.visit(callback ?? '', { maxRedirects: 0 });
      const wanted = wantedOf(vector);
      expect(targetOf(end)?.href, vector.name).toBe(new URL(wanted, stack.appOrigin).href);
    });
  });

  it('RD-05: the target is in a sealed cookie, and neither in state nor elsewhere in the authorization request', async () => {
    const browser = new HttpBrowser();
    const page = await startByHttp(stack, browser, '/dashboard/messages?page=2&x=canary');
    const said = page.responses.map(({ location }) => decodeURIComponent(location ?? '')).join('\n');
    expect(said).not.toMatch(/canary|page=2/);
    expect(new URL(page.responses[0]?.location ?? '').searchParams.get('state')).toMatch(/^[\w-]{22}$/);
    const cookies = [...browser.cookies(stack.appOrigin)].filter(([name]) =>
      name.startsWith('strongroom-transaction-'),
    );
    expect(cookies).toHaveLength(1);
    expect(cookies[0]?.[1].value).toMatch(/^Fe26\.2\*/);
  });

  it.each([
    ['/dashboard/contacts.rsc', { rsc: '1' }],
    [
      '/dashboard/contacts.segments/_tree.segment.rsc',
      { rsc: '1', 'next-router-segment-prefetch': '/_tree' },
    ],
    ['/dashboard/contacts.segments/dashboard/contacts/__PAGE__.segment.rsc', {}],
    ['/dashboard/contacts?_rsc=1a2b', { rsc: '1', 'next-router-state-tree': '%5B%22%22%2C%7B%7D%5D' }],
  ])(
    'RD-05: a user who is asked to sign in by a data request for %s comes back to the page',
    async (path, headers: Record<string, string>) => {
      const asked = await new HttpBrowser().visit(at(path), {
        headers: { ...headers, 'sec-fetch-dest': 'empty' },
      });
      const returnTo = asked.url.searchParams.get('return_to') ?? declaration.paths.afterSignIn;
      expect(returnTo.split('?')[0]).toMatch(/^\/dashboard(\/contacts)?$/);
      const page = await signInByHttp(stack, signedIn.copy(), { returnTo });
      expect([page.status, page.url.pathname]).toEqual([200, returnTo.split('?')[0]]);
    },
  );
});

describe('a raw request line', () => {
  const paths = [
    ...[
      '//evil.example/',
      '/\\evil.example',
      '//evil.example/%2e%2e',
      '/https://evil.example/',
      '/%5cevil.example/',
    ],
    ...[
      '/.//evil.example/',
      '/..//evil.example',
      '///evil.example',
      '/\\/evil.example/',
      '/%2f%2fevil.example/',
    ],
    ...[
      '/%09//evil.example/',
      '//evil.example/dashboard/',
      '/dashboard//evil.example/',
      '/dashboard/..//evil.example/',
    ],
    ...[
      '//evil.example?next=/dashboard',
      '/dashboard/',
      '/dashboard/contacts/',
      '/auth/sign-in/',
      '/evil.example//..',
      '/;//evil.example/',
    ],
    ...[
      '/%2e%2e//evil.example',
      '/dashboard/%2e%2e/%2e%2e//evil.example',
      'http://evil.example/dashboard',
      '//@evil.example/dashboard',
    ],
  ];

  it.each(paths)('RD-04: %s is redirected to our own origin only', async (path) => {
    const cookie = cookieHeader(signedIn, stack.appOrigin);
    for (const more of [[], [`Cookie: ${cookie}`]]) {
      const { status, head } = await sendRaw(stack.appOrigin, [
        `GET ${path} HTTP/1.1`,
        'Accept: text/html',
        ...more,
      ]);
      expect(status).toBeLessThan(500);
      for (const [, name, location = ''] of head.matchAll(
        /^(location|refresh|link|content-location): *(.*)$/gim,
      )) {
        if (/^link$/i.test(name ?? '')) continue;
        const target = new URL(location, stack.appOrigin);
        expect([target.origin, target.pathname.slice(0, 2)]).toEqual([
          stack.appOrigin,
          expect.not.stringMatching(/^\/[/\\]/),
        ]);
        expect(location).not.toMatch(/^[/\\]{2}/);
      }
    }
  });
});
