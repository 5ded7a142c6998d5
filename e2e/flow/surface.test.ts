/** What the application shows without a session: its addresses, its headers, and that it does not start with half a configuration. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { type RawRequest, sendRaw } from '../support/raw-request.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
/** Signed in; each test takes a copy. */
const user = new HttpBrowser();
beforeAll(async () => {
  stack = await borrowStack();
  await signInByHttp(stack, user);
});
afterAll(() => stack.close());

const root = join(import.meta.dirname, '../..');
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

  it.each([
    ['/dashboard/nowhere', 'There is no page here'],
    ['/dashboard/messages/no/such/page?q=1', 'There is no page here'],
  ])('%s is 404 with the menu, and without a session asks to sign in', async (path, heading) => {
    const page = await user.copy().visit(stack.appOrigin + path);
    expect([page.status, page.url.pathname]).toEqual([404, path.split('?')[0]]);
    expect(page.html).toMatch(new RegExp(`<h1[^>]*>${heading}</h1>`));
    expect(page.html).toMatch(/<nav aria-label="Main".*Ada Lindqvist.*Sign out/s);
    const asked = await new HttpBrowser().visit(stack.appOrigin + path);
    expect([asked.status, asked.url.pathname]).toEqual([200, '/sign-in']);
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

describe('behind TLS', () => {
  const AUTH_URL = 'https://app.strongroom.test';
  let tls: TestStack;
  let edge: string;
  beforeAll(async () => {
    tls = await startTestStack({ AUTH_URL, AUTH_PAR: 'when-required', DEMO_ACCOUNTS: '' });
    edge = tls.instanceOrigins[0] ?? '';
  });
  afterAll(() => tls?.close());

  it('CK-01: the cookie of a sign-in is Secure with the __Host- prefix, and every page asks for https', async () => {
    const browser = new HttpBrowser();
    for (const path of ['/', '/dashboard', '/nowhere']) {
      const page = await browser.visit(edge + path, { maxRedirects: 0 });
      expect(page.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
    }
    const start = await browser.follow(`${edge}/auth/sign-in`, { maxRedirects: 0 });
    const request = new URL(start.responses[0]?.location ?? '').searchParams;
    expect(request.get('redirect_uri')).toBe(`${AUTH_URL}/auth/callback/provider`);
    const cookies = start.responses[0]?.setCookies.filter((line) => line.includes('transaction')) ?? [];
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(
      /^__Host-strongroom-transaction-[\w-]{22}=Fe26.*; Path=\/; .*Secure; HttpOnly; SameSite=lax$/i,
    );
    expect(cookies[0]).not.toMatch(/domain/i);
  });

  const scriptOfOurs = { 'x-strongroom': '1', 'sec-fetch-site': 'same-origin' };
  const chunk = () => readdirSync(join(root, '.next/static/chunks'))[0] ?? '';
  /** Next redirects a request for router data to an address with its marker. */
  const routerData = async () =>
    (await sendRaw(edge, '/sign-in', { headers: { rsc: '1' } })).headers.location ?? '';
  const everyKind: [
    what: string,
    status: number,
    path: string | (() => string | Promise<string>),
    request?: RawRequest,
  ][] = [
    ['a page', 200, '/'],
    ['a page that needs a session', 303, '/dashboard'],
    ['the start of a sign-in', 303, '/auth/sign-in', { headers: { 'sec-fetch-site': 'same-origin' } }],
    ['a callback without a transaction', 303, '/auth/callback/provider?code=x&state=x'],
    ['an address with a slash too many', 308, '/sign-in/'],
    ['a page that is not there', 404, '/nowhere'],
    ['a malformed address', 404, '/%ff'],
    ['a page about a rejection', 403, '/sign-in/problem?code=cross_site_request'],
    ['a page about an outage', 503, '/sign-in/problem?code=temporarily_unavailable'],
    [
      'a frame of another site',
      403,
      '/',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' } },
    ],
    ['an unknown method', 405, '/', { method: 'PUT', headers: { accept: 'text/html' } }],
    ['TRACE', 405, '/', { method: 'TRACE' }],
    ['a method that a route does not have', 405, '/auth/sign-in', { method: 'DELETE' }],
    ['HEAD', 200, '/', { method: 'HEAD' }],
    ['OPTIONS', 405, '/', { method: 'OPTIONS' }],
    ['an address that is too long', 414, `/${'a'.repeat(9_000)}`],
    ['another host', 421, '/', { headers: { host: 'evil.example' } }],
    ['data for the router without its marker', 307, '/sign-in', { headers: { rsc: '1' } }],
    ['data for the router', 200, routerData, { headers: { rsc: '1' } }],
    [
      'an action that does not exist',
      303,
      '/',
      { method: 'POST', headers: { 'next-action': '0'.repeat(42) }, body: '[]' },
    ],
    ['a static file', 200, () => `/_next/static/chunks/${chunk()}`],
    ['a static file that is not there', 404, '/_next/static/nothing.js'],
    ['a static file by POST', 405, () => `/_next/static/chunks/${chunk()}`, { method: 'POST' }],
    ['the icon', 200, '/icon.svg'],
    ['robots.txt', 200, '/robots.txt'],
    ['the image optimizer', 404, '/_next/image?url=%2Ficon.svg&w=64&q=75'],
    ['the API without a session', 401, '/api/gateway/contacts', { headers: scriptOfOurs }],
    [
      'the API for another site',
      403,
      '/api/gateway/contacts',
      { headers: { 'sec-fetch-site': 'cross-site' } },
    ],
    ['an unknown address below /api', 404, '/api/nothing'],
    ['a health check', 200, '/healthz'],
    ['a health check by POST', 405, '/healthz', { method: 'POST' }],
    ['a readiness check', 200, '/readyz'],
    ['CA-03: keys of a client without any', 404, '/.well-known/jwks.json'],
    ['CA-03: keys of the client by POST', 405, '/.well-known/jwks.json', { method: 'POST' }],
    ['a request without a logout token', 400, '/auth/back-channel-logout', { method: 'POST' }],
    ['a status check without a session', 401, '/auth/status', { headers: scriptOfOurs }],
  ];

  it.each(everyKind)('HD-02: %s (%i) carries every security header', async (_what, status, path, request) => {
    // Past the reverse proxy, which would replace a wrong host by the right one.
    const headers = { host: new URL(AUTH_URL).host, ...request?.headers };
    const response = await sendRaw(tls.appOrigin, typeof path === 'string' ? path : await path(), {
      ...request,
      headers,
    });
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
      'permissions-policy': expect.stringContaining('camera=()'),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': expect.stringMatching(/^max-age=(3[2-9]|[4-9]\d)\d{6}$/),
    });
    expect(response.headers['x-powered-by']).toBeUndefined();
  });
});

describe('starting', () => {
  const start = (script: string, env: Record<string, string>) =>
    spawnSync(process.execPath, [join(root, script)], {
      env: {
        ...env,
        PATH: process.env.PATH,
        NODE_ENV: env.NODE_ENV === 'production' ? 'production' : 'test',
      },
      encoding: 'utf8',
      timeout: 240_000,
    });

  it('OP-01: without configuration the server does not start, and names every missing variable', () => {
    const { status, stdout, stderr } = start('.next/standalone/server.js', {
      ...{ PORT: '0', HOSTNAME: '127.0.0.1' },
    });
    expect([status, stderr]).toEqual([1, '']);
    const [line, ...more] = stdout.trim().split('\n');
    expect(more).toEqual([]);
    const { text, ...fields } = JSON.parse(line ?? '');
    expect(fields).toMatchObject({ level: 'error', event: 'not_started' });
    for (const name of [
      'AUTH_URL',
      'AUTH_SECRET',
      'AUTH_ISSUER',
      'AUTH_CLIENT_ID',
      'AUTH_CLIENT_SECRET',
      'API_BASE_URL',
    ])
      expect(text).toContain(`${name} is not set`);
  });

  it('BL-08, SE-15: without Redis the start-up log says what a restart forgets', () => {
    const [said] = stack.appEvents('store_in_memory');
    expect(said?.level).toBe('warn');
    expect(said?.instances).toContain('one only');
    expect(said?.forgottenOnRestart).toContain('revoked sessions');
    expect(stack.appEvents('started')[0]?.store).toBe('memory');
  });

  it.each(['sample/authorization-server/main.ts', 'sample/api/main.ts'])(
    'OP-02: %s does not start in production',
    (script) => {
      const { status, stderr } = start(script, { NODE_ENV: 'production' });
      expect(status).toBe(1);
      expect(stderr).toContain('do not run with NODE_ENV=production');
    },
  );
});
