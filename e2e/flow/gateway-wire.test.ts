/** The gateway on the wire: bytes that no browser sends, bodies without end, connections that break, caches and proxies around it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Balancer, startBalancer } from '../../scripts/balancer.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript, cookieHeader, ownHeaders } from '../support/page-script.ts';
import { sendRaw } from '../support/raw-socket.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { type SharedCache, startSharedCache } from '../support/shared-cache.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let api: ScriptedApi;
let sink: ScriptedApi;
let cache: SharedCache;
/** A proxy in front that passes everything on. */
let edge: Balancer & { origin: string };
let respond: () => ScriptedResponse;
const browser = new HttpBrowser();
const good = (): ScriptedResponse => ({ status: 200, body: '{"items":[]}' });

beforeAll(async () => {
  sink = await startScriptedApi(0, () => ({ status: 200 }));
  const away = `http://127.0.0.1:${sink.port}`;
  // A host may have these in its environment; the operator did not ask for them to be used.
  stack = await startTestStack({
    ...{ HTTP_PROXY: away, HTTPS_PROXY: away, ALL_PROXY: away, http_proxy: away, https_proxy: away },
  });
  await signInByHttp(stack, browser, { returnTo: '/dashboard/access' });
  await stack.stop('API');
  respond = good;
  api = await startScriptedApi(stack.settings.apiPort, () => respond());
  cache = await startSharedCache(stack.appOrigin);
  const [port = 0] = await findFreePorts(1);
  const balancer = await startBalancer(port, [Number(new URL(stack.appOrigin).port)]);
  edge = { ...balancer, origin: `http://127.0.0.1:${port}` };
});
afterEach(() => {
  respond = good;
  for (const list of [api.tokens, api.requests, api.posts, sink.requests]) list.length = 0;
});
afterAll(() => Promise.all([edge.close(), cache.close(), api.close(), sink.close(), stack.close()]));

const ask = (path: string, init?: Parameters<typeof askAsScript>[2]) =>
  askAsScript({ browser, origin: stack.appOrigin }, path, init);
const post = (init: Parameters<typeof askAsScript>[2]) =>
  ask('/api/gateway/messages', { method: 'POST', headers: { 'content-type': 'application/json' }, ...init });

/** The head of a request as a script of ours would send it, ready for what a test adds. */
function head(line: string, ...more: string[]): string {
  const { host } = new URL(stack.appOrigin);
  const own = Object.entries(ownHeaders).map(([name, value]) => `${name}: ${value}`);
  const lines = [line, `Host: ${host}`, `Cookie: ${cookieHeader(browser, stack.appOrigin)}`, ...own, ...more];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
const get = (...more: string[]) => head('GET /api/gateway/contacts HTTP/1.1', ...more);
const sendPost = (more: string[], body: string, origin = stack.appOrigin) =>
  sendRaw(
    origin,
    head('POST /api/gateway/messages HTTP/1.1', 'Content-Type: application/json', ...more) + body,
  );
const statusOf = (text: string) => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
const namesOf = (request: ScriptedApi['requests'][number] | undefined) =>
  (request?.rawHeaders ?? []).filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());

/** The log may arrive a little later than the response. */
const expectCut = (reason: string) =>
  expect.poll(() => stack.appEvents('gateway_response_cut').map((event) => event.reason)).toContain(reason);

describe('headers that are about the connection', () => {
  it.each([
    'Connection: close, Authorization',
    'Connection: close, authorization, accept, host, content-type',
    'Connection: close\r\nConnection: Authorization',
    'Connection: close\r\nProxy-Connection: Authorization',
    'Connection: close\r\nKeep-Alive: Authorization',
  ])('PX-05: %j does not take the token away', async (line) => {
    const { text } = await sendRaw(stack.appOrigin, get(line));
    expect(statusOf(text)).toBe('200');
    expect(api.tokens[0]).toMatch(/^DPoP ey/);
  });

  it('PX-04: none of them goes on, nor any that they name', async () => {
    const { text } = await sendRaw(
      stack.appOrigin,
      get(
        ...[
          'Connection: close, X-Canary',
          'X-Canary: 1',
          'TE: trailers',
          'Trailer: X-Canary',
          'Keep-Alive: timeout=5',
        ],
        ...[
          'Proxy-Connection: keep-alive',
          'Proxy-Authorization: Basic eA==',
          'authorization: Bearer x-canary',
        ],
        ...['X_Forwarded_User: root', 'x-forwarded_user: root', 'X-Middleware-Subrequest: proxy'],
      ),
    );
    expect(statusOf(text)).toBe('200');
    expect(namesOf(api.requests[0]).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'dpop',
      'host',
      // Of the library that sends the token.
      'user-agent',
      'x-request-id',
    ]);
    expect(api.requests[0]?.rawHeaders.join('\n')).not.toMatch(/canary|root/);
  });

  it('PX-04: an expectation is not passed on', async () => {
    const { text } = await sendPost(['Connection: close', 'Expect: 100-continue', 'Content-Length: 2'], '{}');
    expect(text).toMatch(/HTTP\/1\.1 200/);
    expect(namesOf(api.requests[0])).not.toContain('expect');
    await sendPost(['Connection: close', 'Expect: 200-maybe', 'Content-Length: 2'], '{}');
    expect(api.requests.length).toBeLessThanOrEqual(2);
  });
});

describe('requests that two servers could read differently', () => {
  const smuggled = 'GET /api/gateway/contacts/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each<[string, string[], string]>([
    ['a length and chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${smuggled}`],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 60'], `{}${smuggled}`],
    ['two lengths in one', ['Content-Length: 2, 60'], `{}${smuggled}`],
    ['a signed length', ['Content-Length: +2'], `{}${smuggled}`],
    ['a length in hexadecimal', ['Content-Length: 0x2'], `{}${smuggled}`],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], `0\r\n\r\n${smuggled}`],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled}`],
    ['chunked that is not last', ['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${smuggled}`],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['a vertical tab', ['Transfer-Encoding: \x0bchunked'], `0\r\n\r\n${smuggled}`],
    ['a folded line', ['Transfer-Encoding:\r\n chunked'], `0\r\n\r\n${smuggled}`],
    ['a bare line feed in a header', ['X-A: 1\nTransfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['a bare carriage return in a header', ['X-A: 1\rTransfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['NUL in a header', ['X-A: a\0b'], ''],
    [
      'a chunk of any size',
      ['Transfer-Encoding: chunked'],
      `fffffffffffffffff\r\n{}\r\n0\r\n\r\n${smuggled}`,
    ],
    ['a size that is no number', ['Transfer-Encoding: chunked'], `0x2\r\n{}\r\n0\r\n\r\n${smuggled}`],
    ['a chunk that ends in a line feed', ['Transfer-Encoding: chunked'], `2\n{}\n0\n\n${smuggled}`],
    [
      'a chunk that is longer than it says',
      ['Transfer-Encoding: chunked'],
      `2\r\n{}xx\r\n0\r\n\r\n${smuggled}`,
    ],
  ])(
    'PX-08: %s gets 400 and a closed connection, and no hidden request reaches the API',
    async (_name, headers, body) => {
      for (const origin of [stack.appOrigin, edge.origin]) {
        const { text, isClosed } = await sendPost(headers, body, origin);
        expect([statusOf(text), isClosed]).toEqual(['400', true]);
        expect(text.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
      }
      expect(api.requests.filter(({ line }) => line.includes('smuggled'))).toEqual([]);
      expect(api.requests.length).toBeLessThanOrEqual(1);
    },
  );

  it('PX-08: extensions of a chunk are read and forgotten', async () => {
    for (const origin of [stack.appOrigin, edge.origin]) {
      const chunks = '2;a="b"\r\n{}\r\n0\r\n\r\n';
      const { text } = await sendPost(['Connection: close', 'Transfer-Encoding: chunked'], chunks, origin);
      expect(statusOf(text)).toBe('200');
    }
    expect(api.posts.map(({ body }) => body)).toEqual(['{}', '{}']);
    expect(namesOf(api.requests[0])).toContain('content-length');
  });

  it('PX-08: the body of a GET is not taken for another request', async () => {
    const body = `GET /contacts/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
    await sendRaw(stack.appOrigin, get(`Content-Length: ${body.length}`, 'Connection: close') + body);
    expect(api.requests.map(({ line }) => line)).not.toContain('GET /contacts/smuggled');
    expect(api.requests.length).toBeLessThanOrEqual(1);
  });
});

describe('addresses in another form', () => {
  it.each([
    'contacts/../admin',
    'contacts/%2e%2e/admin',
    'contacts/.%2E/.%2e/.%2e/admin',
    'contacts/..\\..\\admin',
    'contacts/../../../../etc/passwd',
    '../gateway/contacts/..;/admin',
    'contacts/a b',
    'contacts/a\u00e9',
  ])('PX-02: the bare address %s leads nowhere', async (path) => {
    const { text } = await sendRaw(
      stack.appOrigin,
      head(`GET /api/gateway/${path} HTTP/1.1`, 'Connection: close'),
    );
    expect(statusOf(text)).toMatch(/^40[04]$/);
    expect(api.requests).toEqual([]);
  });

  it.each([
    ['TRACE', '405'],
    ['PROPFIND', '405'],
    ['QUERY', '405'],
    ['FOO', '400'],
    ['get', '400'],
    ['CONNECT', 'closed'],
  ])('PX-03: %s is not forwarded: %s', async (method, outcome) => {
    const { text } = await sendRaw(
      stack.appOrigin,
      head(`${method} /api/gateway/contacts HTTP/1.1`, 'Connection: close'),
      300,
    );
    expect(statusOf(text) ?? 'closed').toBe(outcome);
    expect(api.requests).toEqual([]);
  });

  const away = () => `http://127.0.0.1:${sink.port}/latest/meta-data`;

  it('PX-13: an absolute address is not followed, with an upgrade or without', async () => {
    for (const more of [[], ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']])
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { text } = await sendRaw(stack.appOrigin, head(`${method} ${away()} HTTP/1.1`, ...more), 300);
        expect(statusOf(text) ?? 'closed').toMatch(/closed|[34]\d\d/);
      }
    expect([sink.requests, api.requests]).toEqual([[], []]);
  });

  it('PX-13: no connection is switched to another protocol, and no tunnel is opened', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    const { text } = await sendRaw(stack.appOrigin, get(...upgrade, 'Sec-WebSocket-Version: 13'), 300);
    expect(statusOf(text)).not.toBe('101');
    expect(api.requests.flatMap(namesOf)).not.toContain('upgrade');
    const tunnel = await sendRaw(stack.appOrigin, head(`CONNECT 127.0.0.1:${sink.port} HTTP/1.1`), 300);
    expect(statusOf(tunnel.text) ?? 'closed').toMatch(/closed|4\d\d/);
    expect(sink.requests).toEqual([]);
  });

  it.each([
    '/_next/image?url=%2Fapi%2Fgateway%2Fcontacts&w=640&q=75',
    '/_next/image?url=http%3A%2F%2F127.0.0.1%2F&w=640&q=75',
    '/_next/image?url=http%3A%2F%2F169.254.169.254%2F&w=640&q=75',
    '/_next/image?url=%2F%2Fevil.example%2F&w=640&q=75',
  ])('PX-14: %s requests nothing from another server', async (path) => {
    const response = await ask(path);
    expect([400, 404]).toContain(response.status);
    expect([sink.requests, api.requests]).toEqual([[], []]);
  });

  it('PX-15: a proxy that the environment names is not used', async () => {
    expect((await ask('/api/gateway/contacts')).status).toBe(200);
    expect([sink.requests.length, api.requests.length]).toEqual([0, 1]);
  });
});

describe('bodies without end', () => {
  /** `total` bytes in chunks, and how many of them were taken. */
  function upload(total: number) {
    const seen = { bytes: 0 };
    const chunk = Buffer.alloc(64_000, 'a');
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (seen.bytes >= total) return controller.close();
        seen.bytes += chunk.byteLength;
        return controller.enqueue(chunk);
      },
    });
    return { body, seen };
  }

  it('PX-09: 100 MB that say so are rejected before they are read', async () => {
    const sent = await sendPost(['Connection: close', 'Content-Length: 100000000'], '{"text":"');
    expect(statusOf(sent.text)).toBe('413');
    expect(sent.text).toContain('"code":"body_too_large"');
    expect(api.requests).toEqual([]);
  });

  it('PX-09: 100 MB that do not say so are cut off early', async () => {
    const { body, seen } = upload(100_000_000);
    const status = await post({ body }).then(
      (response) => response.status,
      () => 'closed',
    );
    expect([413, 'closed']).toContain(status);
    expect(seen.bytes).toBeLessThan(20_000_000);
    expect(api.posts).toEqual([]);
    expect((await ask('/api/gateway/contacts')).status).toBe(200);
  });

  it('PX-09: a body that grows beyond the limit on its way is never taken for a complete one by the API', async () => {
    const chunks = ['{"text":"', 'a'.repeat(30_000), 'a'.repeat(30_000), 'a'.repeat(30_000), '"}'];
    const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
    const { text } = await sendPost(['Connection: close', 'Transfer-Encoding: chunked'], `${body}0\r\n\r\n`);
    expect(statusOf(text)).toBe('413');
    expect(api.posts).toEqual([]);
  });

  it('PX-09: a response without end is cut, and does not look whole', async () => {
    const closed = Promise.withResolvers<void>();
    respond = () => ({
      write: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (!response.destroyed && response.write('a'.repeat(64_000)));
        };
        response.on('drain', more).once('close', closed.resolve);
        more();
      },
    });
    const response = await ask('/api/gateway/contacts');
    expect(response.status).toBe(200);
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) bytes += chunk.length;
    })();
    await expect(reading).rejects.toThrow();
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    await closed.promise;
    await expectCut('body_too_large');
  });

  it('PX-09: a response whose length says that it is too long is rejected', async () => {
    respond = () => ({ status: 200, headers: { 'content-length': '1000001' }, body: 'a'.repeat(1_000_001) });
    const response = await ask('/api/gateway/contacts');
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'invalid_response' }]);
  });
});

describe('connections that break', () => {
  it('PX-09: the first part arrives before the last is written; broken off, it does not look whole', async () => {
    const half = Promise.withResolvers<void>();
    respond = () => ({
      write: async (response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":[');
        await half.promise;
        response.destroy();
      },
    });
    const reader = (await ask('/api/gateway/contacts')).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"items":[');
    half.resolve();
    await expect(reader?.read()).rejects.toThrow();
    await expectCut('network');
    expect(stack.lines.filter(({ line }) => line.includes('failed to pipe'))).toEqual([]);
  });

  it.each([false, true])(
    'PX-09: a browser that leaves ends the request to the API (after its headers: %s)',
    async (isBegun) => {
      const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      respond = () => ({
        write: (response) => {
          response.once('close', closed.resolve);
          if (isBegun) response.writeHead(200, { 'content-type': 'application/json' }).write('{');
          asked.resolve();
        },
      });
      const leaving = new AbortController();
      const outcome = ask('/api/gateway/contacts', { signal: leaving.signal }).then((response) =>
        response.text(),
      );
      outcome.catch(() => {});
      await asked.promise;
      leaving.abort();
      await expect(outcome).rejects.toThrow();
      await closed.promise;
    },
  );
});

describe('a shared cache in front that keeps what it may', () => {
  it('PX-12: keeps nothing, also when the API allows it, and no user sees the data of another one', async () => {
    const keepMe = { 'cache-control': 'public, s-maxage=31536000', expires: 'Fri, 01 Jan 2100 00:00:00 GMT' };
    respond = () => ({ status: 200, headers: keepMe, body: '{"items":["x-mine"]}' });
    const through = (who: HttpBrowser, path: string) =>
      askAsScript({ browser: who, origin: cache.origin }, path);
    expect(await (await through(browser, '/api/gateway/contacts?q=x')).text()).toContain('x-mine');
    for (const path of ['/api/gateway/contacts?q=x', '/api/gateway/contacts', '/api/gateway/nothing']) {
      const response = await through(new HttpBrowser(), path);
      expect([401, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('x-mine');
    }
    expect([...cache.kept.keys()]).toEqual([]);
    // The cache does keep what it may.
    await fetch(`${cache.origin}/icon.svg`).then((response) => response.text());
    expect([...cache.kept.keys()]).toEqual(['/icon.svg']);
  });
});
