import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { sendStreamed } from './http-client';
import { HttpError, type HttpRequest } from './http-exchange';

let server: TestServer;
let sink: TestServer;
const limits = { timeoutMs: 120_000, maxBytes: 10_000 };

beforeAll(async () => {
  [server, sink] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(() => Promise.all([server.close(), sink.close()]));
beforeEach(() => {
  server.reset();
  sink.reset();
});

function send(path: string, request: Partial<HttpRequest> = {}, changes = {}): Promise<Response> {
  const whole: HttpRequest = {
    method: 'GET',
    headers: new Headers(),
    body: null,
    signal: new AbortController().signal,
    ...request,
  };
  return sendStreamed(new URL(server.origin + path), whole, { ...limits, ...changes });
}

async function failureOf(outcome: Promise<unknown>): Promise<string> {
  const error: unknown = await outcome.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof HttpError ? error.failure : `not: ${String(error)}`;
}

async function listen(other: Server): Promise<URL> {
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  return new URL(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
}

describe('a request that is streamed', () => {
  it('PX-04: carries the headers that its caller named, those of the transfer, and no other', async () => {
    let seen: IncomingMessage['headers'] = {};
    server.handlers['/a'] = (request, response, body) => {
      seen = request.headers;
      json({ body })(request, response, body);
    };
    const headers = new Headers({ accept: 'application/json' });
    const response = await send('/a?x=1', { method: 'POST', headers, body: Buffer.from('{"é":1}') });
    expect(await response.json()).toEqual({ body: '{"é":1}' });
    expect(Object.keys(seen).sort()).toEqual(['accept', 'connection', 'content-length', 'host']);
    expect(seen['content-length']).toBe('8');
  });

  it('PX-09: a stream is sent in chunks as they come', async () => {
    const first = Promise.withResolvers<string>();
    const other = createServer((request, response) => {
      request.once('data', (chunk) => first.resolve(String(chunk)));
      request.once('end', () => response.end()).resume();
    });
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(Buffer.from('one'));
        expect(await first.promise).toBe('one');
        controller.close();
      },
    });
    const url = await listen(other);
    const request = { method: 'POST', headers: new Headers(), body, signal: new AbortController().signal };
    const response = await sendStreamed(url, request, limits);
    expect(response.status).toBe(200);
    await response.text();
    other.close();
  });

  it('PX-09: the server never takes a body that breaks off for a complete one', async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<string>();
    const other = createServer((request) => {
      request.once('data', () => begun.resolve());
      request.once('error', () => end.resolve('broken')).once('end', () => end.resolve('whole'));
    });
    const cause = new Error('too much');
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(Buffer.from('half'));
        await begun.promise;
        controller.error(cause);
      },
    });
    const url = await listen(other);
    const request = { method: 'POST', headers: new Headers(), body, signal: new AbortController().signal };
    const outcome = sendStreamed(url, request, limits);
    await expect(outcome).rejects.toMatchObject({ failure: 'request_cut', cause });
    expect(await end.promise).toBe('broken');
    other.close();
  });

  it('PX-09: a response that comes before the body is sent ends the sending', async () => {
    const other = createServer((_request, response) => response.writeHead(413).end('too large'));
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(64_000)),
      cancel: () => cancelled.resolve(),
    });
    const url = await listen(other);
    const response = await sendStreamed(url, { method: 'PUT', headers: new Headers(), body }, limits);
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
    await cancelled.promise;
    other.closeAllConnections();
    other.close();
  });

  it.each([301, 302, 303, 304, 307, 308])('PX-07: a redirect with %i is not followed', async (status) => {
    server.handlers['/a'] = (_request, response) =>
      response.writeHead(status, { location: `${sink.origin}/steal` }).end();
    const headers = new Headers({ authorization: 'Bearer x' });
    expect(await failureOf(send('/a', { headers }))).toBe('redirect');
    expect(sink.requests).toEqual([]);
  });

  it('PX-06: 304 means that what the caller has is still valid, and is no redirect', async () => {
    server.handlers['/a'] = (_request, response) => response.writeHead(304, { etag: '"1"' }).end();
    const response = await send('/a', { headers: new Headers({ 'if-none-match': '"1"' }) });
    expect([response.status, response.headers.get('etag'), response.body]).toEqual([304, '"1"', null]);
  });

  it('PX-13: a switch to another protocol is a failure', async () => {
    server.handlers['/a'] = (_request, response) =>
      response.socket?.end(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      );
    expect(await failureOf(send('/a'))).toBe('network');
  });
});

describe('a response that is streamed', () => {
  it('PX-09: a body arrives while it is still being written', async () => {
    const rest = Promise.withResolvers<void>();
    server.handlers['/a'] = async (_request, response) => {
      response.write('one');
      await rest.promise;
      response.end('two');
    };
    const reader = (await send('/a')).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one');
    rest.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two');
  });

  it('PX-09: a body over the limit is rejected when its length says so, and cut when it does not', async () => {
    server.handlers['/says'] = (_request, response) => response.end('a'.repeat(10_001));
    server.handlers['/hides'] = (_request, response) => {
      for (let count = 0; count < 11; count += 1) response.write('a'.repeat(1_000));
      response.end();
    };
    server.handlers['/at'] = (_request, response) => response.end('a'.repeat(10_000));
    expect(await failureOf(send('/says'))).toBe('body_too_large');
    expect(await failureOf((await send('/hides')).text())).toBe('body_too_large');
    expect((await (await send('/at')).text()).length).toBe(10_000);
  });

  it('PX-09: a body that breaks off ends with an error', async () => {
    server.handlers['/a'] = (_request, response) =>
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    await expect((await send('/a')).text()).rejects.toThrow();
  });

  it('PX-09: silence is a timeout, before the headers and after', async () => {
    server.handlers['/hang'] = () => {};
    server.handlers['/drip'] = (_request, response) => response.writeHead(200).write('half');
    expect(await failureOf(send('/hang', {}, { timeoutMs: 50 }))).toBe('timeout');
    const dripped = send('/drip', {}, { timeoutMs: 100 }).then((response) => response.text());
    expect(await failureOf(dripped)).toBe('timeout');
  });

  it('PX-09: a stream may last, and its silence is bounded before the headers and after', async () => {
    server.handlers['/hang'] = () => {};
    server.handlers['/drip'] = (_request, response) => response.writeHead(200).write('half');
    const longLived = { timeoutMs: 60_000, headersMs: 50, idleMs: 50 };
    expect(await failureOf(send('/hang', {}, longLived))).toBe('timeout');
    const { headersMs: _, ...patient } = longLived;
    expect(await failureOf((await send('/drip', {}, patient)).text())).toBe('timeout');
  });

  it('PX-09: a caller that aborts closes the connection to the server, before the headers and after', async () => {
    const gone = Promise.withResolvers<void>();
    server.handlers['/hang'] = (_request, response) => response.once('close', gone.resolve);
    const leaving = new AbortController();
    const outcome = failureOf(send('/hang', { signal: leaving.signal }));
    while (server.requests.length === 0) await new Promise(setImmediate);
    leaving.abort();
    expect(await outcome).toBe('caller_gone');
    await gone.promise;

    const later = Promise.withResolvers<void>();
    server.handlers['/drip'] = (_request, response) => {
      response.once('close', later.resolve);
      response.writeHead(200).write('half');
    };
    await (await send('/drip')).body?.cancel();
    await later.promise;
  });

  it('RC-08: a reset, a closed port and bytes that are not HTTP are network failures', async () => {
    server.handlers['/reset'] = (_request, response) => response.destroy();
    server.handlers['/garbage'] = (_request, response) => response.socket?.end('not http\r\n\r\n');
    server.handlers['/odd'] = (_request, response) => response.socket?.end('HTTP/1.1 999 X\r\n\r\n');
    for (const path of ['/reset', '/garbage', '/odd']) expect(await failureOf(send(path))).toBe('network');
    const gone = await startTestServer();
    await gone.close();
    const request = {
      method: 'GET',
      headers: new Headers(),
      body: null,
      signal: new AbortController().signal,
    };
    expect(await failureOf(sendStreamed(new URL(gone.origin), request, limits))).toBe('network');
  });

  it('RC-08: a 204 has no body, and cookies of another server are dropped', async () => {
    server.handlers['/a'] = (_request, response) => response.writeHead(204, { 'set-cookie': 'a=b' }).end();
    const response = await send('/a');
    expect([response.status, response.body, response.headers.get('set-cookie')]).toEqual([204, null, null]);
  });
});
