/** A response that is read as it comes, and the ends that it may have. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/http-server';
import { failureOf, sendTo, streamLimits } from '../testing/streamed';
import { sendStreamed } from './http-client';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

describe('a response that is streamed', () => {
  it('PX-09: a body arrives while it is still being written', async () => {
    const rest = Promise.withResolvers<void>();
    server.handlers['/a'] = async (_request, response) => {
      response.write('one');
      await rest.promise;
      response.end('two');
    };
    const reader = (await sendTo(server, '/a')).body?.getReader();
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
    expect(await failureOf(sendTo(server, '/says'))).toBe('body_too_large');
    expect(await failureOf((await sendTo(server, '/hides')).text())).toBe('body_too_large');
    expect((await (await sendTo(server, '/at')).text()).length).toBe(10_000);
  });

  it('PX-09: a body that breaks off ends with an error', async () => {
    server.handlers['/a'] = (_request, response) =>
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    await expect((await sendTo(server, '/a')).text()).rejects.toThrow();
  });

  it('PX-09: silence is a timeout, before the headers and after', async () => {
    server.handlers['/hang'] = () => {};
    server.handlers['/drip'] = (_request, response) => response.writeHead(200).write('half');
    expect(await failureOf(sendTo(server, '/hang', {}, { timeoutMs: 50 }))).toBe('timeout');
    const dripped = sendTo(server, '/drip', {}, { timeoutMs: 100 }).then((response) => response.text());
    expect(await failureOf(dripped)).toBe('timeout');
  });

  it('PX-09: a stream may last, and its silence is bounded before the headers and after', async () => {
    server.handlers['/hang'] = () => {};
    server.handlers['/drip'] = (_request, response) => response.writeHead(200).write('half');
    const longLived = { timeoutMs: 60_000, headersMs: 50, idleMs: 50 };
    expect(await failureOf(sendTo(server, '/hang', {}, longLived))).toBe('timeout');
    const { headersMs: _, ...patient } = longLived;
    expect(await failureOf((await sendTo(server, '/drip', {}, patient)).text())).toBe('timeout');
  });

  it('PX-09: a caller that aborts closes the connection to the server, before the headers and after', async () => {
    const gone = Promise.withResolvers<void>();
    server.handlers['/hang'] = (_request, response) => response.once('close', gone.resolve);
    const leaving = new AbortController();
    const outcome = failureOf(sendTo(server, '/hang', { signal: leaving.signal }));
    while (server.requests.length === 0) await new Promise(setImmediate);
    leaving.abort();
    expect(await outcome).toBe('caller_gone');
    await gone.promise;

    const later = Promise.withResolvers<void>();
    server.handlers['/drip'] = (_request, response) => {
      response.once('close', later.resolve);
      response.writeHead(200).write('half');
    };
    await (await sendTo(server, '/drip')).body?.cancel();
    await later.promise;
  });

  it('RC-08: a reset, a closed port and bytes that are not HTTP are network failures', async () => {
    server.handlers['/reset'] = (_request, response) => response.destroy();
    server.handlers['/garbage'] = (_request, response) => response.socket?.end('not http\r\n\r\n');
    server.handlers['/odd'] = (_request, response) => response.socket?.end('HTTP/1.1 999 X\r\n\r\n');
    for (const path of ['/reset', '/garbage', '/odd'])
      expect(await failureOf(sendTo(server, path))).toBe('network');
    const gone = await startTestServer();
    await gone.close();
    const request = {
      method: 'GET',
      headers: new Headers(),
      body: null,
      signal: new AbortController().signal,
    };
    expect(await failureOf(sendStreamed(new URL(gone.origin), request, streamLimits))).toBe('network');
  });

  it('RC-08: a 204 has no body, and cookies of another server are dropped', async () => {
    server.handlers['/a'] = (_request, response) => response.writeHead(204, { 'set-cookie': 'a=b' }).end();
    const response = await sendTo(server, '/a');
    expect([response.status, response.body, response.headers.get('set-cookie')]).toEqual([204, null, null]);
  });
});
