/** A request whose body is sent as it comes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { failureOf, sendTo, streamLimits } from '../testing/streamed';
import { sendStreamed } from './http-client';

let server: TestServer;
let sink: TestServer;

beforeAll(async () => {
  [server, sink] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(() => Promise.all([server.close(), sink.close()]));
beforeEach(() => {
  server.reset();
  sink.reset();
});

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
    const response = await sendTo(server, '/a?x=1', {
      method: 'POST',
      headers,
      body: Buffer.from('{"é":1}'),
    });
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
    const response = await sendStreamed(url, request, streamLimits);
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
    const outcome = sendStreamed(url, request, streamLimits);
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
    const response = await sendStreamed(url, { method: 'PUT', headers: new Headers(), body }, streamLimits);
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
    await cancelled.promise;
    other.closeAllConnections();
    other.close();
  });

  it.each([301, 302, 303, 304, 307, 308])('PX-07: a redirect with %i is not followed', async (status) => {
    server.handlers['/a'] = (_request, response) =>
      response.writeHead(status, { location: `${sink.origin}/steal` }).end();
    const headers = new Headers({ authorization: 'Bearer x' });
    expect(await failureOf(sendTo(server, '/a', { headers }))).toBe('redirect');
    expect(sink.requests).toEqual([]);
  });

  it('PX-06: 304 means that what the caller has is still valid, and is no redirect', async () => {
    server.handlers['/a'] = (_request, response) => response.writeHead(304, { etag: '"1"' }).end();
    const response = await sendTo(server, '/a', { headers: new Headers({ 'if-none-match': '"1"' }) });
    expect([response.status, response.headers.get('etag'), response.body]).toEqual([304, '"1"', null]);
  });

  it('PX-13: a switch to another protocol is a failure', async () => {
    server.handlers['/a'] = (_request, response) =>
      response.socket?.end(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      );
    expect(await failureOf(sendTo(server, '/a'))).toBe('network');
  });
});
