/** A careless cache between the application and its users keeps no data of a user, and nothing that an attacker can change. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { bypassCorpus } from '../support/bypass-corpus.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { sendRaw } from '../support/raw-request.ts';
import { type SharedCache, startSharedCache } from '../support/shared-cache.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { grace, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let cache: SharedCache;
let byExtension: SharedCache;
const [adas, graces] = [new HttpBrowser(), new HttpBrowser()];
beforeAll(async () => {
  stack = await borrowStack();
  [cache, byExtension] = await Promise.all([
    startSharedCache(stack.appOrigin),
    startSharedCache(stack.appOrigin, { byExtension: true }),
    signInByHttp(stack, adas),
    signInByHttp(stack, graces, { email: grace }),
  ]);
});
afterAll(() => Promise.all([cache?.close(), byExtension?.close(), stack.close()]));

const own = { 'sec-fetch-site': 'same-origin', referer: '' };
const cookieOf = (browser: HttpBrowser) => ({ cookie: cookieHeader(browser, stack.appOrigin) });
const chunks = join(import.meta.dirname, '../../.next/static/chunks');
const publicPaths = ['/', '/sign-in', '/signed-out', '/sign-in/problem?code=unexpected', '/nowhere'];
const privatePaths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/contacts?q=an',
  '/dashboard/messages',
  '/dashboard/access',
  '/dashboard/session',
  '/dashboard/confirm',
  '/dashboard/contacts/export',
  '/dashboard/session/name',
  '/auth/status',
  '/auth/refresh',
  '/auth/sign-in',
  '/auth/sign-out',
  '/auth/callback/provider?state=x',
];

describe('the cache', () => {
  it('would show one user’s page to another, if a page allowed it', async () => {
    const server = createServer((request, response) => {
      response.setHeader('cache-control', request.url === '/told' ? 'public, max-age=60' : '');
      response.setHeader('vary', 'cookie');
      response.end(`for ${request.headers.cookie}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const careless = await startSharedCache(origin);
    for (const path of ['/told', '/by-guess']) {
      await sendRaw(careless.origin, path, { headers: { cookie: 'a' } });
      expect((await sendRaw(careless.origin, path, { headers: { cookie: 'b' } })).body).toBe('for a');
    }
    await careless.close();
    server.close();
    server.closeAllConnections();
  });

  it('HD-07: keeps the files of the build, which are the same for every user, and nothing else', async () => {
    for (const name of readdirSync(chunks)) {
      const path = `/_next/static/chunks/${name}`;
      const asAda = await sendRaw(cache.origin, path, { headers: cookieOf(adas) });
      expect(asAda.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(asAda.headers['set-cookie']).toBeUndefined();
      expect(asAda.body === readFileSync(join(chunks, name), 'utf8')).toBe(true);
      expect(cache.kept.has(path)).toBe(true);
    }
  });
});

describe('one user never gets the page of another', () => {
  it.each([...publicPaths, ...privatePaths])(
    'HD-03: %s is not kept, and is right for the next user',
    async (path) => {
      for (const headers of [own, { ...own, rsc: '1' }]) {
        await sendRaw(cache.origin, path, { headers: { ...headers, ...cookieOf(adas) } });
        const asGrace = await sendRaw(cache.origin, path, { headers: { ...headers, ...cookieOf(graces) } });
        const asNobody = await sendRaw(cache.origin, path, { headers });
        for (const response of [asGrace, asNobody]) {
          expect(`${JSON.stringify(response.headers)} ${response.body}`).not.toMatch(/Ada Lindqvist/);
          expect(response.headers['cache-control']).toContain('no-store');
        }
        expect([...cache.kept.keys()]).not.toContain(path);
      }
    },
  );

  it('HD-03: Ada’s own pages do carry her name, through the cache too', async () => {
    const { body } = await sendRaw(cache.origin, '/dashboard', { headers: cookieOf(adas) });
    expect(body).toContain('Ada Lindqvist');
  });

  it('HD-07: there is no address that says who is signed in, and its absence is not kept', async () => {
    const response = await sendRaw(cache.origin, '/api/auth/session', { headers: cookieOf(adas) });
    expect(response.status).toBe(404);
    expect(response.headers['cache-control']).toContain('no-store');
  });

  it.each(
    bypassCorpus.filter(([, , { method, timeoutMs }]) => method === undefined && timeoutMs === undefined),
  )(
    'HD-04: %s as Ada leaves nothing of hers in a cache by extension',
    async (_name, path, { headers = {} }) => {
      await sendRaw(byExtension.origin, path, { headers: { ...headers, ...cookieOf(adas) } });
      for (const { headers: said, body } of byExtension.kept.values())
        expect(`${JSON.stringify(said)} ${body}`).not.toMatch(
          /Ada Lindqvist|strongroom(?:\.\d)?=|data-private/,
        );
    },
  );
});

const evil = 'evil.example';
const unkeyed: [name: string, headers: Record<string, string>][] = [
  ['X-Forwarded-Host', { 'x-forwarded-host': evil }],
  ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https', 'x-forwarded-scheme': 'http' }],
  ['X-Forwarded-For', { 'x-forwarded-for': evil, 'x-real-ip': evil, forwarded: `for=${evil};host=${evil}` }],
  [
    'X-Forwarded-Port',
    { 'x-forwarded-port': '1', 'x-forwarded-prefix': `/${evil}`, 'x-forwarded-server': evil },
  ],
  ['X-Host', { 'x-host': evil, 'x-original-host': evil, 'x-http-host-override': evil }],
  ['X-Original-URL', { 'x-original-url': '/dashboard', 'x-rewrite-url': '/dashboard' }],
  ['RSC', { rsc: '1' }],
  ['Next-Router-Prefetch', { rsc: '1', 'next-router-prefetch': '1' }],
  ['Next-Router-Segment-Prefetch', { rsc: '1', 'next-router-segment-prefetch': '/_tree' }],
  [
    'Next-Router-State-Tree',
    { rsc: '1', 'next-router-state-tree': '["",{},null,"refetch"]', 'next-url': `/${evil}` },
  ],
  ['Next-Action', { 'next-action': '0'.repeat(42) }],
  ['x-nextjs-data', { 'x-nextjs-data': '1' }],
  ['x-middleware-prefetch', { 'x-middleware-prefetch': '1' }],
  ['x-middleware-subrequest', { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' }],
  ['x-invoke-status', { 'x-invoke-status': '500', 'x-invoke-error': evil, 'x-invoke-path': '/_error' }],
  ['x-now-route-matches', { 'x-now-route-matches': `1=${evil}`, 'x-matched-path': '/' }],
  ['Accept', { accept: 'text/x-component', 'accept-language': evil }],
  ['Origin', { origin: `http://${evil}` }],
  ['Content-Security-Policy', { 'content-security-policy': `script-src 'nonce-${evil}'` }],
  ['User-Agent', { 'user-agent': `Googlebot/2.1 ${evil}` }],
  ['Cookie', { cookie: `strongroom=${evil}; __prerender_bypass=${evil}; __next_preview_data=${evil}` }],
];

describe('an attacker cannot change what other users get', () => {
  const [chunk = ''] = readdirSync(chunks);
  const paths = [
    '/',
    '/sign-in',
    '/nowhere',
    '/dashboard',
    '/dashboard/',
    '//dashboard',
    '/icon.svg',
    '/robots.txt',
    '/healthz',
    `/_next/static/chunks/${chunk}`,
    '/_next/static/nothing.js',
  ];

  it.each(unkeyed)('HD-05: %s changes no response that may be kept', async (_name, headers) => {
    cache.kept.clear();
    for (const path of paths) await sendRaw(cache.origin, path, { headers });
    for (const [path, { status, headers: said, body }] of cache.kept) {
      expect(`${JSON.stringify(said)} ${body}`).not.toContain(evil);
      const plain = await sendRaw(stack.appOrigin, path);
      expect({
        path,
        status,
        type: said['content-type'],
        location: said.location,
        isSame: body === plain.body,
      }).toEqual({
        path,
        status: plain.status,
        type: plain.headers['content-type'],
        location: plain.headers.location,
        isSame: true,
      });
    }
    expect(cache.kept.size).toBeGreaterThan(1);
  });

  it.each(['/?_rsc=1', '/sign-in?_rsc=1', '/dashboard?_rsc=1'])(
    'HD-05: %s without the header of the router is no data, and is not kept',
    async (path) => {
      const { headers } = await sendRaw(cache.origin, path);
      expect(headers['content-type'] ?? 'text/html').not.toContain('x-component');
      expect(cache.kept.has(path)).toBe(false);
    },
  );
});
