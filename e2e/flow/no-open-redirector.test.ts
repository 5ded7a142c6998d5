/** No route redirects to another site because a request asks for it. Tries every route with every parameter that open redirectors have had. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser, type Page, type VisitOptions } from '../support/http-browser.ts';
import { listPlaces } from '../support/links.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
const signedIn = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  await signInByHttp(stack, signedIn);
});
afterAll(() => stack.close());

const root = join(import.meta.dirname, '../..');
/** Every page and route of the source, with an example for what varies. */
const routes = readdirSync(join(root, 'app'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /(^|\/)(page\.tsx|route\.ts)$/.test(path))
  .map(
    (path) =>
      `/${path
        .replace(/\/?(page\.tsx|route\.ts)$/, '')
        .replace('[id]', 'c_1')
        .replace('[[...path]]', 'contacts')
        .replace('[...path]', 'sign-in')}`,
  )
  .sort();
const more = [
  ...['/auth/callback/provider', '/auth/refresh', '/auth/status', '/auth/sign-out'],
  '/_next/image',
  '/_next/data/x.json',
  '/api',
  '/api/redirect',
  '/login',
  '/logout',
  '/nowhere',
  '/robots.txt',
];

const parameters = [
  ...[
    'return_to',
    'returnTo',
    'returnUrl',
    'return',
    'redirect',
    'redirect_uri',
    'redirectUrl',
    'redirectTo',
    'next',
    'url',
    'u',
    'uri',
  ],
  ...[
    'to',
    'target',
    'target_link_uri',
    'dest',
    'upstream',
    'continue',
    'goto',
    'go',
    'link',
    'out',
    'ref',
    'referer',
    'back',
    'r',
  ],
  ...[
    'callbackUrl',
    'callback',
    'post_logout_redirect_uri',
    'RelayState',
    'service',
    'checkout_url',
    'image_url',
    'lang',
    'locale',
  ],
  ...[
    'state',
    'iss',
    'error',
    'error_uri',
    'error_description',
    'code',
    'reason',
    'left',
    'permission',
    'step_up',
    'rejected',
    'q',
    'page',
    'w',
  ],
];
const evil = [
  'https://evil.example/x',
  '//evil.example/x',
  '/\\evil.example/x',
  'javascript:alert(1)//evil.example',
];
const queryOf = (value: string) => String(new URLSearchParams(parameters.map((name) => [name, value])));
const liars = {
  referer: 'https://evil.example/x',
  'x-forwarded-host': 'evil.example',
  'x-original-url': '//evil.example',
  forwarded: 'host=evil.example',
};

/** Only places of ours, and of the authorization server: nothing leads to the evil one, and nothing but text names it. */
function expectAtHome(page: Page): void {
  const homes = [stack.appOrigin, stack.settings.issuer];
  for (const { location } of page.responses)
    if (location !== null) expect(homes).toContain(new URL(location, stack.appOrigin).origin);
  for (const { url, tag } of listPlaces(page)) expect(homes, tag).toContain(url.origin);
  const more = ['refresh', 'link', 'content-location'].map((name) => page.headers.get(name)).join();
  expect(more).not.toMatch(/evil/);
}

describe('RD-07: the routes', () => {
  it('RD-07: are all found', () => {
    expect(routes).toEqual(expect.arrayContaining(['/', '/auth/sign-in', '/dashboard/contacts/c_1']));
    expect(routes.length).toBeGreaterThanOrEqual(15);
  });

  it.each([...routes, ...more])(
    'RD-07: %s leads to no other site, whatever its parameters, its form and its headers say',
    async (path) => {
      const headers = { ...liars, 'sec-fetch-site': 'same-origin', origin: stack.appOrigin };
      for (const value of evil) {
        const address = `${stack.appOrigin}${path}?${queryOf(value)}`;
        const visits: [HttpBrowser, VisitOptions][] = [
          [new HttpBrowser(), { headers }],
          [signedIn.copy(), { headers }],
          [signedIn.copy(), { headers: { ...liars, 'sec-fetch-site': 'cross-site' } }],
          [new HttpBrowser(), { headers, form: new URLSearchParams(queryOf(value)) }],
        ];
        for (const [browser, options] of value === evil[0] ? visits : visits.slice(1, 2)) {
          const page = await browser.visit(address, { ...options, maxRedirects: 0 });
          expect(page.status).toBeLessThan(500);
          expectAtHome(page);
        }
      }
    },
  );

  it('RD-07: signing out goes where the authorization server says, whatever the form says', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser);
    const out = await browser.submit(
      page,
      /sign-out/,
      Object.fromEntries(parameters.map((name) => [name, evil[0] ?? ''])),
    );
    for (const { url } of out.responses)
      expect([stack.appOrigin, stack.settings.issuer]).toContain(url.origin);
    expect(out.url.origin).toBe(stack.appOrigin);
  });
});

describe('RD-08: links to other sites', () => {
  const pages = [
    '/',
    '/sign-in',
    '/sign-in/problem?code=access_denied',
    '/signed-out',
    '/nowhere',
    '/dashboard',
    '/dashboard/contacts',
  ];
  const more = [
    ...['/auth/callback/provider', '/auth/refresh', '/auth/status', '/auth/sign-out'],
    '/dashboard/messages',
    '/dashboard/access',
    '/dashboard/session',
    '/dashboard/confirm',
    '/dashboard/contacts/c_1',
  ];

  it.each([...pages, ...more])(
    'RD-08: those of %s send no referrer, and give the other site no access to the page',
    async (path) => {
      for (const browser of [new HttpBrowser(), signedIn]) {
        const page = await browser.visit(stack.appOrigin + path);
        expect(page.headers.get('referrer-policy')).toMatch(/^(same-origin|no-referrer)$/);
        for (const { tag, url } of listPlaces(page).filter(({ tag }) => /^<(a|area|form)\b/.test(tag))) {
          // A page of our own in a new tab would be fine too: there is none.
          expect(tag).not.toMatch(/\btarget="_blank"(?!.*\brel="[^"]*noopener)/);
          if (url.origin !== stack.appOrigin)
            expect(tag).toMatch(
              /\brel="[^"]*\bnoopener\b[^"]*\bnoreferrer\b|\brel="[^"]*\bnoreferrer\b[^"]*\bnoopener\b/,
            );
        }
      }
    },
  );
});
