/** An event stream through the gateway, and what ends it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeSession } from '../../session/revocations';
import { useEnvironment } from '../../testing/environment';
import { buildForwarded } from '../../testing/forwarded-request';
import { type Handler, json, startTestServer, type TestServer } from '../../testing/http-server';
import { buildSession, buildTokens } from '../../testing/sessions';
import { type ForwardedRequest, forwardRequest, maxStreamsOfOneUser } from './forward-request';
import type { GatewayRoute } from './upstreams';

let api: TestServer;
const session = buildSession({ tokens: buildTokens({ expiresAtSec: 4_000_000_000 }) });

beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  useEnvironment({ API_BASE_URL: `${api.origin}/v1` });
});

describe('an event stream', () => {
  const stream = { idleMs: 120_000, maxMs: 120_000 };
  const longest = { idleMs: 3_600_000, maxMs: 3_600_000 };
  const open = (changes: Partial<GatewayRoute> = {}, request: Partial<ForwardedRequest> = {}) =>
    forwardRequest(session, {
      ...buildForwarded(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream, ...changes }),
      ...request,
    });
  async function bodyOf(result: Awaited<ReturnType<typeof open>>): Promise<ReadableStream<Uint8Array>> {
    if (result.kind !== 'ok' || result.value.kind !== 'body' || !result.value.body)
      throw new Error(result.kind);
    return result.value.body;
  }
  /** Sends one event and stays open. */
  const talk: Handler = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');

  it('PX-09: passes event by event', async () => {
    api.handlers['/v1/stream'] = talk;
    const reader = (await bodyOf(await open())).getReader();
    for (const part of [':\n\n', 'data: 1\n\n'])
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(part);
    await reader.cancel();
  });

  /** Both ends of a stream: what the browser reads of it, and the connection to the API. */
  async function openAndClose(changes: Partial<GatewayRoute>, end = () => {}): Promise<string> {
    const closed = Promise.withResolvers<void>();
    api.handlers['/v1/stream'] = (request, response, body) => {
      response.once('close', closed.resolve);
      talk(request, response, body);
    };
    const body = await bodyOf(await open(changes));
    end();
    const text = await new Response(body).text();
    await closed.promise;
    return text;
  }

  it('PX-09: ends normally after too long a silence, so that the browser opens the next one', async () => {
    const text = await openAndClose({ stream: { idleMs: 50, maxMs: 120_000 } });
    expect(text).toBe(':\n\ndata: 1\n\n');
  });

  /** Timers of so many milliseconds, whose time `end` lets be over. */
  function watchTimersOf(ms: number): { end: (count?: number) => void; restore: () => void } {
    const { setTimeout: start } = globalThis;
    const works: (() => void)[] = [];
    const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation((work, delay, ...given) => {
      if (delay === ms) works.push(work);
      return start(work, delay, ...given);
    });
    const end = (count = works.length) => {
      expect(works).not.toEqual([]);
      for (const work of works.slice(0, count)) work();
    };
    return { end, restore: () => spy.mockRestore() };
  }

  it('PX-09: ends normally after its longest time, so that the browser opens the next one', async () => {
    const time = watchTimersOf(stream.maxMs);
    expect(await openAndClose({}, time.end)).toMatch(/^:\n\n/);
    time.restore();
  });

  it('SE-04: ends with its first time, also where the API was asked twice: nobody looks after the session any longer', async () => {
    const time = watchTimersOf(stream.maxMs);
    api.handlers['/v1/stream'] = (request) => {
      api.handlers['/v1/stream'] = talk;
      request.socket.destroy();
    };
    const reader = (await bodyOf(await open())).getReader();
    for (let part = 0; part < 2; part += 1) await reader.read();
    expect(api.requests).toHaveLength(2);
    time.end(1);
    expect((await reader.read()).done).toBe(true);
    time.restore();
  });

  it('SE-19: of a bound session ends when the bound cookie that let it in is over, and no other does', async () => {
    const time = watchTimersOf(300_000);
    api.handlers['/v1/stream'] = talk;
    const readers = [];
    for (const binding of [null, { boundAtSec: 1, copiedAtSec: null }]) {
      const request = buildForwarded(`${api.origin}/v1/stream`, {
        accepts: ['text/event-stream'],
        stream: longest,
      });
      readers.push((await bodyOf(await forwardRequest({ ...session, binding }, request))).getReader());
    }
    for (const reader of readers) for (let part = 0; part < 2; part += 1) await reader.read();
    time.end();
    const [unbound, bound] = readers;
    expect((await bound?.read())?.done).toBe(true);
    let isOver = false;
    void unbound?.read().finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    await unbound?.cancel();
    time.restore();
  });

  it('SE-04: ends when its session is revoked, and not before', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const closed = Promise.withResolvers<void>();
    api.handlers['/v1/stream'] = (request, response, body) => {
      response.once('close', closed.resolve);
      talk(request, response, body);
    };
    const revokedLater = buildSession({ ...session, id: 'ends-while-it-streams' });
    const request = buildForwarded(`${api.origin}/v1/stream`, {
      accepts: ['text/event-stream'],
      stream: longest,
    });
    const reader = (await bodyOf(await forwardRequest(revokedLater, request))).getReader();
    for (let part = 0; part < 2; part += 1) await reader.read();
    let isOver = false;
    const end = reader.read().finally(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([isOver, vi.getTimerCount()]).toEqual([false, 1]);
    await revokeSession(revokedLater);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await end).done).toBe(true);
    await closed.promise;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('PX-09: breaks off when the API breaks it off', async () => {
    api.handlers['/v1/stream'] = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('data: 1', () => response.destroy());
    const body = await bodyOf(await open());
    await expect(new Response(body).text()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('PX-09: whose headers do not come is a timeout', async () => {
    api.handlers['/v1/stream'] = () => {};
    expect(await open({ timeoutMs: 50 })).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
  });

  it('PX-09: is one of a bounded number for each user, and each that ends makes room', async () => {
    api.handlers['/v1/stream'] = talk;
    const leaving = new AbortController();
    const bodies = [await bodyOf(await open({}, { signal: leaving.signal }))];
    while (bodies.length < maxStreamsOfOneUser) bodies.push(await bodyOf(await open()));
    expect(await open()).toEqual({ kind: 'rate_limited', retryAfterSec: null });
    const other = buildSession({ ...session, user: { ...session.user, subject: 'another' } });
    const request = buildForwarded(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream });
    bodies.push(await bodyOf(await forwardRequest(other, request)));

    leaving.abort();
    bodies.push(await bodyOf(await open()));
    await bodies[1]?.cancel();
    bodies.push(await bodyOf(await open()));
    api.handlers['/v1/stream'] = json({}, 401);
    await bodies[2]?.cancel();
    for (let count = 0; count < 3; count += 1) expect((await open()).kind).toBe('invalid_token');
    for (const body of bodies.slice(1)) await body.cancel().catch(() => {});
  });
});
