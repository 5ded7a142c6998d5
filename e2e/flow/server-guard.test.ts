import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from '../support/edge.ts';
import { askExactly, type RawText, type Sent, sendExactly } from '../support/exact-request.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let port: number;
let host: string;
beforeAll(async () => {
  stack = await startTestStack({ TRUSTED_PROXY_HOPS: '1' });
  ({ host } = new URL(stack.appOrigin));
  port = Number(new URL(stack.appOrigin).port);
});
afterAll(() => stack?.close());

const send = (bytes: string) => sendExactly(port, bytes);
const ask = (sent: Sent, to = port) => askExactly(to, { host, ...sent });

function titleOf({ body }: RawText): string | undefined {
  return /<title>(.*?)<\/title>/.exec(body)?.[1];
}

/** Starts a sign-in; its redirect shows which address the application uses as its own. */
async function startFrom(headers: Record<string, string>): Promise<{ raw: RawText; location: string }> {
  const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'document' };
  const raw = await ask({ target: '/auth/sign-in', headers: { ...own, ...headers } });
  return { raw, location: locationOf(raw) };
}

function locationOf({ head }: RawText): string {
  return new URL(/^location: (.*)\r?$/m.exec(head)?.[1] ?? '', stack.appOrigin).href;
}

describe('HO: the address of the application', () => {
  it.each([
    ['evil.example', 421],
    ['127.0.0.1', 421],
    ['localhost', 421],
    ['localhost:1', 421],
    ['', 400],
  ])(
    'HO-02: with Host %j no page is served, and the rejection names the right address',
    async (hostHeader, status) => {
      for (const target of ['/', '/dashboard', '/auth/sign-in', '/_next/static/x.js', '/sign-in']) {
        const { status: got, body, head } = await ask({ target, host: hostHeader });
        expect([target, got === status || got === 421]).toEqual([target, true]);
        expect(body).toContain(stack.appOrigin);
        expect(head).not.toContain('set-cookie');
      }
    },
  );

  it('HO-02: a health check by IP address gets its response', async () => {
    expect((await ask({ target: '/healthz', host: '10.0.0.7:3000' })).status).toBe(200);
    expect((await ask({ target: '/readyz', host: 'whatever' })).status).toBe(200);
  });

  it('HO-01: two Host headers, or an absolute address on the request line, are rejected', async () => {
    const twice = await send(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    );
    expect(twice.status).toBe(400);
    expect((await ask({ target: 'http://evil.example/dashboard' })).status).toBe(400);
    expect((await ask({ target: `${stack.appOrigin}/dashboard` })).status).toBe(400);
  });

  it.each([
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Port', '8443'],
    ['X-Forwarded-Prefix', '/evil'],
    ['X-Forwarded-Server', 'evil.example'],
    ['Forwarded', 'host=evil.example;proto=https'],
    ['X-Host', 'evil.example'],
    ['X-Original-URL', '/dashboard'],
    ['X-Rewrite-URL', '/dashboard'],
  ])('HO-01, HO-03: %s changes neither the redirect nor the cookie', async (name, value) => {
    const plain = await startFrom({});
    const { raw, location } = await startFrom({ [name]: value });
    expect(raw.status).toBe(303);
    expect(new URL(location).origin).toBe(new URL(plain.location).origin);
    // With its dot: the cookie is random letters.
    expect(raw.head).not.toContain('evil.');
    expect(raw.head).not.toMatch(/secure;|strict-transport-security/);
    const signIn = await ask({ target: '/dashboard', headers: { [name]: value } });
    expect(locationOf(signIn)).toBe(`${stack.appOrigin}/sign-in`);
  });

  it.each([
    ...['X-Forwarded-Uri', 'X-Original-URL', 'X-Rewrite-URL', 'X-Matched-Path', 'X-Invoke-Path'],
    ...['X-Middleware-Rewrite', 'X-Middleware-Next', 'X-Middleware-Subrequest', 'X-NextJS-Rewrite'],
    ...['X-NextJS-Matched-Path', 'Next-Resume', 'X-Now-Route-Matches', 'X-HTTP-Method-Override'],
  ])('HO-05: %s opens no protected page without a session, and no other page', async (name) => {
    for (const value of ['/', '/healthz', '1', 'proxy:proxy:proxy:proxy:proxy', 'middleware']) {
      const raw = await ask({ target: '/dashboard/contacts', headers: { [name]: value } });
      expect([value, raw.status]).toEqual([value, 303]);
      expect(locationOf(raw)).toBe(`${stack.appOrigin}/sign-in?return_to=%2fdashboard%2fcontacts`);
    }
    const home = await ask({ target: '/', headers: { [name]: '/dashboard' } });
    expect([home.status, titleOf(home)]).toEqual([200, titleOf(await ask({ target: '/' }))]);
  });

  it.each([
    'GoogleHC/1.0',
    'kube-probe/1.31',
    'ELB-HealthChecker/2.0',
    'Amazon-Route53-Health-Check-Service',
  ])('HO-06: a client that calls itself %s must sign in like any other', async (agent) => {
    for (const method of ['GET', 'HEAD'])
      expect((await ask({ target: '/dashboard', method, headers: { 'User-Agent': agent } })).status).toBe(
        303,
      );
  });
});

describe('HO-07: behind a reverse proxy that terminates TLS', () => {
  const publicOrigin = 'https://app.strongroom.test';
  let behindProxy: TestStack;
  let edge: Edge;
  beforeAll(async () => {
    behindProxy = await startTestStack({
      AUTH_URL: publicOrigin,
      AUTH_PAR: 'when-required',
      DEMO_ACCOUNTS: '',
    });
    edge = await startEdge(Number(new URL(behindProxy.appOrigin).port), publicOrigin);
  });
  afterAll(async () => void (await Promise.all([edge?.close(), behindProxy?.close()])));

  it('HO-07: redirects go to https, and cookies are Secure', async () => {
    const browser = new HttpBrowser();
    const headers = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example' };
    const start = await browser.follow(`${edge.origin}/auth/sign-in`, { maxRedirects: 0, headers });
    expect(start.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}$/);
    expect(new URL(start.responses[0]?.location ?? '').searchParams.get('redirect_uri')).toBe(
      `${publicOrigin}/auth/callback/provider`,
    );
    expect(start.responses[0]?.setCookies.join()).toMatch(/__Host-strongroom-transaction-[\w-]+=.*Secure/);
    const page = await browser.visit(`${edge.origin}/dashboard`, { maxRedirects: 0, headers });
    expect(page.responses[0]?.location).toBe(`${publicOrigin}/sign-in`);
  });

  // The reverse proxy above overwrites this header, so these requests go past it.
  it.each(['http', 'http, https', 'ws', ''])(
    'HO-03: X-Forwarded-Proto: %j removes neither Secure nor HSTS',
    async (claim) => {
      const direct = Number(new URL(behindProxy.appOrigin).port);
      const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'document' };
      const headers = { ...own, 'X-Forwarded-Proto': claim, Forwarded: 'proto=http' };
      for (const target of ['/', '/dashboard', '/auth/sign-in', '/icon.svg', '/api/gateway/contacts']) {
        const { head } = await ask({ target, host: new URL(publicOrigin).host, headers }, direct);
        expect([target, head]).toEqual([
          target,
          expect.stringMatching(/^strict-transport-security: max-age/m),
        ]);
        const cookies = head.split('\r\n').filter((line) => line.startsWith('set-cookie'));
        expect(cookies.length > 0).toBe(target === '/auth/sign-in');
        expect(cookies.filter((line) => !line.includes('; secure; httponly'))).toEqual([]);
        expect(/^location: (.*)$/m.exec(head)?.[1] ?? 'https:').toMatch(
          target === '/auth/sign-in' ? /redirect_uri=https%3a/ : /^https:|^\//,
        );
      }
    },
  );
});

it('RL-03: two hundred connections that never finish a request do not keep a user from signing in', async () => {
  const sockets = await Promise.all(
    Array.from(
      { length: 200 },
      () =>
        new Promise<ReturnType<typeof connect>>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.write(`POST /auth/sign-out HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 900\r\nX: `);
            resolve(socket);
          });
          socket.once('error', reject);
        }),
    ),
  );
  try {
    const browser = new HttpBrowser();
    expect((await signInByHttp(stack, browser)).status).toBe(200);
    expect((await browser.visit(`${stack.appOrigin}/dashboard/contacts`)).html).toContain('<table');
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
