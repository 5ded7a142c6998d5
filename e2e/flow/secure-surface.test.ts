/** Behind TLS: every cookie is bound to the host, and every response carries every security header. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { type RawRequest, sendRaw } from '../support/raw-request.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const root = join(import.meta.dirname, '../..');

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
