/** The gateway on the wire: bytes that no browser sends, and addresses that lead elsewhere. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Balancer, startBalancer } from '../../scripts/balancer.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { type GatewayWorld, startGatewayWorld } from '../support/gateway-world.ts';
import { rawHead, rawStatusOf, sendRawPost } from '../support/raw-gateway-request.ts';
import { sendRaw } from '../support/raw-socket.ts';
import { type ScriptedApi, startScriptedApi } from '../support/scripted-api.ts';
import { startTestStack } from '../support/test-stack.ts';

let world: GatewayWorld;
let sink: ScriptedApi;
/** A proxy in front that passes everything on. */
let edge: Balancer & { origin: string };

beforeAll(async () => {
  sink = await startScriptedApi(0, () => ({ status: 200 }));
  const away = `http://127.0.0.1:${sink.port}`;
  // A host may have these in its environment; the operator did not ask for them to be used.
  const stack = await startTestStack({
    ...{ HTTP_PROXY: away, HTTPS_PROXY: away, ALL_PROXY: away, http_proxy: away, https_proxy: away },
  });
  world = await startGatewayWorld(stack);
  const [port = 0] = await findFreePorts(1);
  const balancer = await startBalancer(port, [Number(new URL(stack.appOrigin).port)]);
  edge = { ...balancer, origin: `http://127.0.0.1:${port}` };
});
afterEach(() => {
  world.forget();
  sink.requests.length = 0;
});
afterAll(() => Promise.all([edge.close(), sink.close(), world.close()]));

const get = (...more: string[]) => rawHead(world, 'GET /api/gateway/contacts HTTP/1.1', more);
const namesOf = (request: ScriptedApi['requests'][number] | undefined) =>
  (request?.rawHeaders ?? []).filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());

describe('headers that are about the connection', () => {
  it.each([
    'Connection: close, Authorization',
    'Connection: close, authorization, accept, host, content-type',
    'Connection: close\r\nConnection: Authorization',
    'Connection: close\r\nProxy-Connection: Authorization',
    'Connection: close\r\nKeep-Alive: Authorization',
  ])('PX-05: %j does not take the token away', async (line) => {
    const { text } = await sendRaw(world.stack.appOrigin, get(line));
    expect(rawStatusOf(text)).toBe('200');
    expect(world.api.tokens[0]).toMatch(/^DPoP ey/);
  });

  it('PX-04: none of them goes on, nor any that they name', async () => {
    const { text } = await sendRaw(
      world.stack.appOrigin,
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
    expect(rawStatusOf(text)).toBe('200');
    expect(namesOf(world.api.requests[0]).sort()).toEqual([
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
    expect(world.api.requests[0]?.rawHeaders.join('\n')).not.toMatch(/canary|root/);
  });

  it('PX-04: an expectation is not passed on', async () => {
    const { text } = await sendRawPost(world, {
      headers: ['Connection: close', 'Expect: 100-continue', 'Content-Length: 2'],
      body: '{}',
    });
    expect(text).toMatch(/HTTP\/1\.1 200/);
    expect(namesOf(world.api.requests[0])).not.toContain('expect');
    await sendRawPost(world, {
      headers: ['Connection: close', 'Expect: 200-maybe', 'Content-Length: 2'],
      body: '{}',
    });
    expect(world.api.requests.length).toBeLessThanOrEqual(2);
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
      for (const origin of [world.stack.appOrigin, edge.origin]) {
        const { text, isClosed } = await sendRawPost(world, { headers, body, origin });
        expect([rawStatusOf(text), isClosed]).toEqual(['400', true]);
        expect(text.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
      }
      expect(world.api.requests.filter(({ line }) => line.includes('smuggled'))).toEqual([]);
      expect(world.api.requests.length).toBeLessThanOrEqual(1);
    },
  );

  it('PX-08: extensions of a chunk are read and forgotten', async () => {
    for (const origin of [world.stack.appOrigin, edge.origin]) {
      const chunks = '2;a="b"\r\n{}\r\n0\r\n\r\n';
      const { text } = await sendRawPost(world, {
        headers: ['Connection: close', 'Transfer-Encoding: chunked'],
        body: chunks,
        origin,
      });
      expect(rawStatusOf(text)).toBe('200');
    }
    expect(world.api.posts.map(({ body }) => body)).toEqual(['{}', '{}']);
    expect(namesOf(world.api.requests[0])).toContain('content-length');
  });

  it('PX-08: the body of a GET is not taken for another request', async () => {
    const body = `GET /contacts/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
    await sendRaw(world.stack.appOrigin, get(`Content-Length: ${body.length}`, 'Connection: close') + body);
    expect(world.api.requests.map(({ line }) => line)).not.toContain('GET /contacts/smuggled');
    expect(world.api.requests.length).toBeLessThanOrEqual(1);
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
      world.stack.appOrigin,
      rawHead(world, `GET /api/gateway/${path} HTTP/1.1`, ['Connection: close']),
    );
    expect(rawStatusOf(text)).toMatch(/^40[04]$/);
    expect(world.api.requests).toEqual([]);
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
      world.stack.appOrigin,
      rawHead(world, `${method} /api/gateway/contacts HTTP/1.1`, ['Connection: close']),
      300,
    );
    expect(rawStatusOf(text) ?? 'closed').toBe(outcome);
    expect(world.api.requests).toEqual([]);
  });

  const away = () => `http://127.0.0.1:${sink.port}/latest/meta-data`;

  it('PX-13: an absolute address is not followed, with an upgrade or without', async () => {
    for (const more of [[], ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']])
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { text } = await sendRaw(
          world.stack.appOrigin,
          rawHead(world, `${method} ${away()} HTTP/1.1`, [...more]),
          300,
        );
        expect(rawStatusOf(text) ?? 'closed').toMatch(/closed|[34]\d\d/);
      }
    expect([sink.requests, world.api.requests]).toEqual([[], []]);
  });

  it('PX-13: no connection is switched to another protocol, and no tunnel is opened', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    const { text } = await sendRaw(world.stack.appOrigin, get(...upgrade, 'Sec-WebSocket-Version: 13'), 300);
    expect(rawStatusOf(text)).not.toBe('101');
    expect(world.api.requests.flatMap(namesOf)).not.toContain('upgrade');
    const tunnel = await sendRaw(
      world.stack.appOrigin,
      rawHead(world, `CONNECT 127.0.0.1:${sink.port} HTTP/1.1`),
      300,
    );
    expect(rawStatusOf(tunnel.text) ?? 'closed').toMatch(/closed|4\d\d/);
    expect(sink.requests).toEqual([]);
  });

  it.each([
    '/_next/image?url=%2Fapi%2Fgateway%2Fcontacts&w=640&q=75',
    '/_next/image?url=http%3A%2F%2F127.0.0.1%2F&w=640&q=75',
    '/_next/image?url=http%3A%2F%2F169.254.169.254%2F&w=640&q=75',
    '/_next/image?url=%2F%2Fevil.example%2F&w=640&q=75',
  ])('PX-14: %s requests nothing from another server', async (path) => {
    const response = await world.ask(path);
    expect([400, 404]).toContain(response.status);
    expect([sink.requests, world.api.requests]).toEqual([[], []]);
  });

  it('PX-15: a proxy that the environment names is not used', async () => {
    expect((await world.ask('/api/gateway/contacts')).status).toBe(200);
    expect([sink.requests.length, world.api.requests.length]).toEqual([0, 1]);
  });
});
