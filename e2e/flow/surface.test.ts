/** What the application shows without a session: its addresses and its headers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
/** Signed in; each test takes a copy. */
const user = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  await signInByHttp(stack, user);
});
afterAll(() => stack.close());
const protectedPaths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/contacts/1',
  '/dashboard/messages',
  '/dashboard/access',
  '/dashboard/session',
];

describe('addresses', () => {
  it.each(
    ['session', 'providers', 'csrf', 'signin', 'signout', 'error', 'verify-request'].flatMap((action) => [
      `/api/auth/${action}`,
      `/auth/${action}`,
    ]),
  )('LK-01: %s does not exist', async (path) => {
    const browser = user.copy();
    for (const form of [undefined, {}]) {
      const page = await browser.visit(stack.appOrigin + path, {
        headers: { origin: stack.appOrigin, 'sec-fetch-site': 'same-origin' },
        maxRedirects: 0,
        ...(form ? { form } : {}),
      });
      expect(page.status).toBe(404);
    }
  });

  it.each(protectedPaths)('FW-01: %s without a session leads to the sign-in page', async (path) => {
    const page = await new HttpBrowser().visit(stack.appOrigin + path);
    expect(page.url.pathname).toBe('/sign-in');
    expect(page.status).toBe(200);
  });

  it('/healthz and /readyz respond without a session and name no address', async () => {
    for (const [path, body] of [
      ['/healthz', { status: 'ok' }],
      [
        '/readyz',
        { status: 'ok', authorizationServer: 'ok', protections: expect.stringMatching(/PKCE/), store: 'ok' },
      ],
    ] as const) {
      const response = await fetch(stack.appOrigin + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('no-store');
      expect(await response.json()).toEqual(body);
    }
  });

  it.each(['/dashboard/contacts/%ff', '/dashboard/contacts/%', '/%ff'])(
    'CB-19: the malformed address %s gets a page, with and without a session',
    async (path) => {
      for (const browser of [new HttpBrowser(), user.copy()]) {
        const page = await browser.visit(stack.appOrigin + path);
        expect([400, 404]).toContain(page.status);
        expect(page.html).toContain('<h1');
      }
    },
  );

  it.each([
    ['another site', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that says nothing about itself', {}],
  ])('CS-01: a form sent by %s is rejected with a page and a reference', async (_, headers) => {
    const page = await user.copy().visit(`${stack.appOrigin}/dashboard/messages`, {
      headers,
      form: { text: 'forged' },
    });
    expect([page.status, page.url.searchParams.get('code')]).toEqual([403, 'cross_site_request']);
    expect(stack.appEvents('form_rejected').at(-1)?.reference).toBe(page.url.searchParams.get('ref'));
  });

  it('an unknown address gets a page', async () => {
    const page = await new HttpBrowser().visit(`${stack.appOrigin}/nowhere`);
    expect(page.status).toBe(404);
    expect(page.html).toContain('<h1');
  });
});

describe('headers', () => {
  const paths = [
    '/',
    '/sign-in',
    '/sign-in/problem?code=access_denied',
    '/signed-out',
    '/nowhere',
    '/dashboard',
    '/dashboard/contacts',
  ];

  it.each(paths)('HD-01, HD-02: %s has a policy with a new nonce, and no X-Powered-By', async (path) => {
    const browser = user.copy();
    const nonces = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      const { headers, html } = await browser.visit(stack.appOrigin + path, {
        headers: { 'content-security-policy': "script-src 'nonce-evil'" },
      });
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      nonces.add(nonce);
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|nonce-evil/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("object-src 'none'");
      for (const [, attributes = ''] of html.matchAll(/<script\b([^>]*)>/g))
        expect(attributes).toContain(`nonce="${nonce}"`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('cache-control')).toMatch(/private.*no-store|no-store.*private|no-store/);
    }
    expect(nonces.size).toBe(2);
  });

  it('CK-13: public pages set no cookie without a session', async () => {
    const browser = new HttpBrowser();
    for (const path of ['/', '/sign-in', '/signed-out', '/nowhere'])
      await browser.visit(stack.appOrigin + path);
    expect(browser.cookies(stack.appOrigin).size).toBe(0);
  });
});
