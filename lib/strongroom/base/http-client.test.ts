import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { fetchBounded } from './http-client';
import { HttpError } from './http-exchange';
import { describeCauses } from './log';

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

async function failureOf(path: string, changes = {}, init: RequestInit = {}): Promise<string> {
  const outcome = await fetchBounded(server.origin + path, init, { ...limits, ...changes }).catch(
    (error: unknown) => error,
  );
  return outcome instanceof HttpError ? outcome.failure : `no failure: ${String(outcome)}`;
}

describe('a request whose response is read whole', () => {
  it('TK-16: gives the status, the headers and the whole unpacked body, and no cookie', async () => {
    server.handlers['/a'] = (_request, response) =>
      response
        .writeHead(404, { 'content-type': 'text/plain', 'content-encoding': 'gzip', 'set-cookie': 'a=b' })
        .end(gzipSync('hello'));
    const response = await fetchBounded(`${server.origin}/a`, {}, limits);
    expect([response.status, await response.text()]).toEqual([404, 'hello']);
    expect(response.headers.get('content-type')).toBe('text/plain');
    for (const name of ['content-encoding', 'content-length', 'set-cookie'])
      expect(response.headers.get(name)).toBeNull();
  });

  it('a response without a body is empty', async () => {
    server.handlers['/a'] = (_request, response) => response.writeHead(204).end();
    expect(await (await fetchBounded(`${server.origin}/a`, {}, limits)).text()).toBe('');
  });

  it.each([301, 302, 303, 307, 308])('TK-06: a redirect with status %i is not followed', async (status) => {
    server.handlers['/a'] = (_request, response) =>
      response.writeHead(status, { location: `${sink.origin}/steal` }).end('bye');
    const init = { method: 'POST', body: 'secret=1', headers: { authorization: 'Basic x' } };
    expect(await failureOf('/a', {}, init)).toBe('redirect');
    expect(sink.requests).toEqual([]);
  });

  it('TK-08: a body over the limit is rejected, one at the limit is not', async () => {
    server.handlers['/at'] = (_request, response) => response.end('a'.repeat(10_000));
    server.handlers['/over'] = (_request, response) => response.end('a'.repeat(10_001));
    expect((await (await fetchBounded(`${server.origin}/at`, {}, limits)).text()).length).toBe(10_000);
    expect(await failureOf('/over')).toBe('body_too_large');
  });

  it('TK-08: a gzip bomb is rejected by what it unpacks to', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    expect(bomb.byteLength).toBeLessThan(100_000);
    server.handlers['/bomb'] = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(await failureOf('/bomb', { maxBytes: 1_000_000 })).toBe('body_too_large');
  });

  it('TK-07: silence before the headers is a timeout', async () => {
    server.handlers['/hang'] = () => {};
    expect(await failureOf('/hang', { timeoutMs: 50 })).toBe('timeout');
  });

  it('TK-07: silence in the middle of the body is a timeout', async () => {
    server.handlers['/drip'] = (_request, response) => response.writeHead(200).write('half');
    expect(await failureOf('/drip', { timeoutMs: 50 })).toBe('timeout');
  });

  it('TK-07: the log tells a timeout from a caller who has left', async () => {
    server.handlers['/hang'] = () => {};
    const causesOf = (init: RequestInit) =>
      fetchBounded(`${server.origin}/hang`, init, { ...limits, timeoutMs: 50 }).catch(describeCauses);
    expect(await causesOf({})).toBe('HttpError < TimeoutError');
    expect(await causesOf({ signal: AbortSignal.abort() })).toBe('HttpError < AbortError');
  });

  it('TK-07: a reset and a closed port are network failures', async () => {
    server.handlers['/reset'] = (_request, response) =>
      response.writeHead(200).write('half', () => response.destroy());
    expect(await failureOf('/reset')).toBe('network');
    const gone = await startTestServer();
    await gone.close();
    const error = await fetchBounded(gone.origin, {}, limits).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: 'network' });
  });

  it('RC-08: bytes that are not HTTP, and broken gzip, are network failures', async () => {
    server.handlers['/garbage'] = (_request, response) => response.socket?.end('not http\r\n\r\n');
    server.handlers['/gzip'] = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no');
    expect(await failureOf('/garbage')).toBe('network');
    expect(await failureOf('/gzip')).toBe('network');
  });

  it('ends when its caller aborts it', async () => {
    server.handlers['/hang'] = () => {};
    expect(await failureOf('/hang', {}, { signal: AbortSignal.abort() })).toBe('caller_gone');
  });

  it('LK-03: a failure does not repeat the address', async () => {
    server.handlers['/a'] = json({}, 302);
    const error = await fetchBounded(`${server.origin}/a?code=canary`, {}, limits).catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).not.toContain('canary');
  });
});
