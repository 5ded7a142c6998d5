import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from '../support/edge.ts';
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

type RawResponse = { status: number; head: string; body: string };

/**
 * Sends bytes exactly as written, and reads one response until the connection ends, which the client ends where the
 * response has come to `end`.
 */
function send(bytes: string, to = port, end?: string): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(to, '127.0.0.1', () => void socket.write(bytes));
    socket.setTimeout(240_000, () => socket.destroy(new Error(`no response to ${bytes.slice(0, 200)}`)));
    socket.on('data', (chunk) => {
      text += chunk;
      if (end !== undefined && text.includes(end)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
      resolve({ status: Number(head.split(' ')[1]), head: head.toLowerCase(), body });
    });
  });
}

type Sent = { target?: string; method?: string; host?: string; headers?: Record<string, string> };

function ask(
  { target = '/', method = 'GET', host: hostHeader = host, headers = {} }: Sent,
  to = port,
  end?: string,
) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return send(
    `${method} ${target} HTTP/1.1\r\nHost: ${hostHeader}\r\nConnection: close\r\n${lines.join('')}\r\n`,
    to,
    end,
  );
}

/** Announces a form and sends nothing of it: the server reads on for a while, which the client does not wait for. */
const announce = (length: number, target = '/') =>
  ask({ method: 'POST', target, headers: { 'Content-Length': String(length) } }, port, '</html>');

function titleOf({ body }: RawResponse): string | undefined {
  return /<title>(.*?)<\/title>/.exec(body)?.[1];
}

/** Starts a sign-in; its redirect shows which address the application uses as its own. */
async function startFrom(headers: Record<string, string>): Promise<{ raw: RawResponse; location: string }> {
  const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'document' };
  const raw = await ask({ target: '/auth/sign-in', headers: { ...own, ...headers } });
  return { raw, location: locationOf(raw) };
}

function locationOf({ head }: RawResponse): string {
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
    expect(raw.head).not.toContain('evil');
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

describe('requests that Node or Next would reject without a page', () => {
  it.each([
    ['LK-10: TRACE', () => ask({ method: 'TRACE' }), 405],
    ['LK-10: TRACE of a private page', () => ask({ method: 'TRACE', target: '/dashboard' }), 405],
    ['LK-10: a method of WebDAV', () => ask({ method: 'PROPFIND' }), 405],
    ['RL-02: headers of 20 KB', () => ask({ headers: { 'X-Large': 'a'.repeat(20_000) } }), 431],
    ['RL-02, CK-12: cookies of 20 KB', () => ask({ headers: { Cookie: `a=${'a'.repeat(20_000)}` } }), 431],
    ['RL-02: an address of 9 KB', () => ask({ target: `/${'a'.repeat(9_000)}` }), 414],
    [
      'CB-18: a callback address of 9 KB',
      () => ask({ target: `/auth/callback/provider?state=${'a'.repeat(9_000)}` }),
      414,
    ],
    [
      'CB-19: a callback address with a lone percent sign',
      () => ask({ target: '/auth/callback/provider?state=x&code=%' }),
      400,
    ],
    ['RL-02: a form of 2 MB', () => announce(2_000_000), 413],
    ['RL-02: a large form below /auth', () => announce(100_000, '/auth/sign-out'), 413],
    ['CB-19: a lone percent sign', () => ask({ target: '/dashboard/contacts/%' }), 404],
    [
      'CB-19: half a character in the address of a static file',
      () => ask({ target: '/_next/static/%ff' }),
      404,
    ],
    ['CB-19: NUL', () => ask({ target: '/dashboard/contacts/a%00b' }), 404],
    ['PX-08: a bare line feed in a header', () => send(`GET / HTTP/1.1\r\nHost: ${host}\nX: y\r\n\r\n`), 400],
    ['PX-08: a header without a name', () => send(`GET / HTTP/1.1\r\nHost: ${host}\r\n: y\r\n\r\n`), 400],
    ['PX-08: not HTTP', () => send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'), 400],
  ])('%s gets a page with a reference', async (_, request, status) => {
    const { status: got, body, head } = await request();
    expect(got).toBe(status);
    expect(body).not.toMatch(/Internal Server Error|at \w+ \(/);
    expect(body).toMatch(/<h1/);
    expect(head).toContain('content-security-policy');
    expect(head).toContain('no-store');
    const reference = /Reference ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(body)?.[1];
    if (status !== 404)
      await expect
        .poll(() => stack.appEvents('request_rejected').map((event) => event.reference))
        .toContain(reference);
  });

  it('PX-13: an upgrade is handled as an ordinary request, and opens no socket', async () => {
    const headers = {
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
    };
    const raw = await send(
      `GET /dashboard HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
    expect(raw.status).toBe(303);
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
});
