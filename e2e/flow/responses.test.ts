/** Every response, good or bad: its type, who may read it, and what it does not tell. Methods that are none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { provokedErrors } from '../support/provoked-errors.ts';
import { type RawRequest, type RawResponse, sendRaw } from '../support/raw-request.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
const browser = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  await signInByHttp(stack, browser);
});
afterAll(() => stack.close());

const own = () => ({ origin: stack.appOrigin, 'sec-fetch-site': 'same-origin' });
const cookies = () => ({ cookie: cookieHeader(browser, stack.appOrigin) });
const send = (path: string, request: RawRequest = {}) => sendRaw(stack.appOrigin, path, request);
const isSignedIn = async () => (await send('/dashboard', { headers: cookies() })).status === 200;

const pages = [
  '/',
  '/sign-in',
  '/sign-in/problem?code=unexpected',
  '/signed-out',
  '/nowhere',
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/messages',
  '/dashboard/access',
];
const routes = [
  '/auth/sign-in',
  '/auth/sign-out',
  '/auth/refresh',
  '/auth/status',
  '/auth/callback/provider',
  '/auth/back-channel-logout',
  '/dashboard/contacts/export',
  '/dashboard/session/name',
  '/healthz',
  '/readyz',
  '/.well-known/jwks.json',
];
const files = ['/icon.svg', '/robots.txt', '/_next/static/nothing.js'];

describe('methods', () => {
  it.each([
    ['/auth/sign-out?_method=POST', 'GET', {}],
    [
      '/auth/sign-out',
      'GET',
      { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' },
    ],
    ['/auth/sign-out', 'HEAD', { 'x-http-method-override': 'POST' }],
    ['/auth/sign-out', 'OPTIONS', { 'x-http-method-override': 'POST' }],
    ['/dashboard/messages?_method=POST&text=tunnelled', 'GET', { 'x-http-method-override': 'POST' }],
    ['/auth/back-channel-logout?_method=POST&logout_token=x', 'GET', {}],
  ])('CS-03: %s by %s with %j changes nothing', async (path, method, headers) => {
    const response = await send(path, { method, headers: { ...own(), ...cookies(), ...headers } });
    expect(response.status).toBeLessThan(500);
    expect(response.headers['set-cookie'] ?? []).toEqual([]);
    expect(await isSignedIn()).toBe(true);
    expect((await browser.visit(`${stack.appOrigin}/dashboard/messages`)).html).not.toContain('tunnelled');
  });

  it.each([...pages.filter((path) => path !== '/nowhere'), ...routes])(
    'CS-03: %s rejects PUT, PATCH and DELETE',
    async (path) => {
      for (const method of ['PUT', 'PATCH', 'DELETE'])
        expect((await send(path, { method, headers: { ...own(), ...cookies() } })).status).toBe(405);
    },
  );

  it.each([
    ['JSON', 'application/json'],
    ['JSON that says it is text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
  ])('CS-02: %s of another site signs no user out', async (_name, type) => {
    const headers = { origin: 'http://evil.example', 'content-type': type, ...cookies() };
    const response = await send('/auth/sign-out', {
      method: 'POST',
      headers,
      body: '{"where":"everywhere"}',
    });
    expect(response.headers.location).toContain('code=cross_site_request');
    expect(response.headers['clear-site-data']).toBeUndefined();
    expect(await isSignedIn()).toBe(true);
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'CS-02: the address for logout tokens rejects the type %s',
    async (type) => {
      const request = { method: 'POST', headers: { 'content-type': type }, body: 'logout_token=x' };
      expect((await send('/auth/back-channel-logout', request)).status).toBe(400);
    },
  );
});

describe('other origins', () => {
  const port = () => new URL(stack.appOrigin).port;
  const origins = (): string[] => [
    'null',
    `http://sub.localhost:${port()}`,
    `http://localhost:${port()}.evil.example`,
    stack.appOrigin,
  ];

  it.each([...pages, ...routes, ...files])('CS-04: %s lets no origin read it', async (path) => {
    for (const origin of origins())
      for (const method of ['GET', 'OPTIONS']) {
        const asked = {
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-csrf, authorization',
          'access-control-request-private-network': 'true',
        };
        const { headers } = await send(path, { method, headers: { origin, ...asked, ...cookies() } });
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      }
  });

  it.each([
    'x-nonce',
    'nonce',
    'content-security-policy',
    'content-security-policy-report-only',
    'x-content-security-policy',
    'x-webkit-csp',
  ])('HD-01: the nonce is ours, whatever %s sends', async (name) => {
    for (const value of ["script-src 'nonce-ZXZpbA==' 'unsafe-inline'", 'ZXZpbA==']) {
      const { headers, body } = await send('/', { headers: { [name]: value } });
      expect(`${JSON.stringify(headers)} ${body}`).not.toMatch(/ZXZpbA|unsafe-inline/);
      expect(body).toContain('nonce="');
    }
  });
});

describe('media types', () => {
  it.each([...pages, ...routes, ...files])(
    'HD-09: what %s sends has a type, and text has a character set',
    async (path) => {
      const kinds: Record<string, string>[] = [{}, cookies(), { rsc: '1' }, { accept: 'application/json' }];
      for (const headers of kinds)
        for (const method of ['GET', 'POST']) {
          if (method === 'POST' && files.includes(path)) continue;
          const response = await send(path, { method, headers: { ...own(), ...headers } });
          const type = response.headers['content-type'] ?? '';
          if (response.body !== '') expect(type).not.toBe('');
          if (/^text\/(?!x-component)|\+xml/.test(type)) expect(type).toMatch(/; charset=utf-8$/i);
          expect(response.headers['x-content-type-options']).toBe('nosniff');
        }
    },
  );

  it.each(['/healthz', '/readyz', '/.well-known/jwks.json', '/auth/back-channel-logout', '/auth/status'])(
    'HD-09: %s, which scripts call, never responds with a page',
    async (path) => {
      for (const method of ['GET', 'POST', 'PUT']) {
        const { headers, body } = await send(path, { method, headers: { accept: 'application/json' } });
        expect(headers['content-type'] ?? 'application/json').toMatch(/^application\/(problem\+)?json\b/);
        expect(body).not.toContain('<');
      }
    },
  );
});

describe('error pages', () => {
  it('LK-05: at least thirty ways to provoke an error are tested', () => {
    expect(provokedErrors.length).toBeGreaterThan(30);
  });

  it.each(provokedErrors)('LK-05: %s reveals no internals', async (_name, path, request) => {
    for (const who of [{}, cookies()]) {
      const response = await send(path, { ...request, headers: { ...own(), ...who, ...request.headers } });
      expect(response.status).toBeGreaterThan(0);
      expectSilent(response);
      const target = new URL(response.headers.location ?? '/', stack.appOrigin);
      if (target.pathname === '/sign-in/problem') {
        expect(target.searchParams.get('ref')).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
        expectSilent(await send(target.pathname + target.search));
      }
    }
  });

  it.each(['API', 'authorization server'] as const)(
    'LK-05: a page does not reveal the address of the %s when it does not respond',
    async (server) => {
      await stack.stop(server);
      for (const path of [...pages, '/readyz', '/auth/sign-in']) {
        const response = await send(path, { headers: { ...own(), ...cookies() } });
        if (path !== '/dashboard/access') expectSilent(response);
      }
    },
  );

  /** The policy and the way to sign in name the authorization server by design. */
  function expectSilent({ headers, body }: RawResponse): void {
    const { 'content-security-policy': _, location: __, ...rest } = headers;
    const text = `${JSON.stringify(rest)}\n${body}`;
    const { issuer, apiIdentifier } = stack.settings;
    for (const address of [issuer, apiIdentifier]) expect(text).not.toContain(new URL(address).host);
    expect(text).not.toMatch(/\n\s+at [\w.<]|node_modules|node:internal|\/app\/|\.next\/server|oracle/);
    expect(text).not.toMatch(
      /\b16\.\d+\.\d+\b|\bv?24\.\d+\.\d+\b|Next\.js|oidc-provider|next-auth|iron-session/,
    );
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['server']));
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
  }
});

describe('banners', () => {
  it.each([...pages, ...routes, ...files])('LK-07: %s names no software and no version', async (path) => {
    const { 'content-security-policy': _, ...headers } = (await send(path)).headers;
    for (const name of ['server', 'x-powered-by', 'via', 'x-aspnet-version', 'x-generator'])
      expect(headers[name]).toBeUndefined();
    expect(JSON.stringify(headers)).not.toMatch(/next\.js|node\.?js|\d+\.\d+\.\d+/i);
  });
});
