import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callWithinLimit, maxCallsAtOnce } from '../../api/call-limit';
import { revokeSession } from '../../session/revocations';
import { useEnvironment } from '../../testing/environment';
import { type Handler, json, startTestServer, type TestServer } from '../../testing/http-server';
import { buildSession, buildTokens } from '../../testing/sessions';
import { type ForwardedRequest, forwardRequest, maxStreamsOfOneUser } from './forward-request';
import { takeBody } from './forwarded-request';
import type { GatewayRoute } from './upstreams';

let api: TestServer;
let other: TestServer;
/** Authorization headers that arrived, at either server. */
let tokens: (string | undefined)[];
const session = buildSession({ tokens: buildTokens({ expiresAtSec: 4_000_000_000 }) });

beforeAll(async () => {
  [api, other] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(() => Promise.all([api.close(), other.close()]));
beforeEach(() => {
  for (const server of [api, other]) server.reset();
  useEnvironment({ API_BASE_URL: `${api.origin}/v1` });
  tokens = [];
});

const noting =
  (handler: Handler): Handler =>
  (request, response, body) => {
    tokens.push(request.headers.authorization);
    return handler(request, response, body);
  };

function build(address: string, changes: Partial<GatewayRoute> = {}): ForwardedRequest {
  const route: GatewayRoute = {
    ...{
      method: 'GET',
      path: [],
      accepts: ['application/json'],
      maxResponseBytes: 10_000,
      timeoutMs: 120_000,
    },
    ...changes,
  };
  return {
    name: 'things',
    upstream: { path: '/things', timeoutMs: 120_000, routes: [route] },
    route,
    url: new URL(address),
    headers: new Headers({ accept: 'application/json' }),
    body: { kind: 'none' },
    signal: new AbortController().signal,
  };
}

describe('an API that stalls', () => {
  it('RC-15: the gateway shares its bounded number of waiting calls with the pages, and the next one fails at once', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    const taken = Array.from({ length: maxCallsAtOnce }, (_, number) =>
      callWithinLimit({ user: { issuer: 'https://issuer.example', subject: `user-${number}` } }, () => back),
    );
    api.handlers['/v1/a'] = json({});
    const ask = () => forwardRequest(session, build(`${api.origin}/v1/a`));
    expect(await ask()).toMatchObject({ kind: 'unavailable', reason: 'call_limit_reached' });
    expect(api.requests).toEqual([]);
    comeBack();
    await Promise.all(taken);
    expect((await ask()).kind).toBe('ok');
  });

  it('RC-09: a challenge of 10 kB is not parsed', async () => {
    useEnvironment({ API_BASE_URL: `${api.origin}/v1`, AUTH_SCOPES: 'openid write:messages' });
    for (const [more, kind] of [
      [0, 'insufficient_scope'],
      [1_500, 'access_denied'],
    ] as const) {
      const challenge = `Bearer error="insufficient_scope", scope="write:messages"${', a="b"'.repeat(more)}`;
      api.handlers['/v1/a'] = json({}, 403, { 'www-authenticate': challenge });
      expect((await forwardRequest(session, build(`${api.origin}/v1/a`))).kind).toBe(kind);
    }
  });
});

describe('the access token', () => {
  it('PX-11: goes to the API that it was issued for', async () => {
    api.handlers['/v1/a'] = noting(json({ a: 1 }));
    const result = await forwardRequest(session, build(`${api.origin}/v1/a`));
    if (result.kind !== 'ok' || result.value.kind !== 'body') throw new Error(result.kind);
    expect(await new Response(result.value.body).json()).toEqual({ a: 1 });
    expect(tokens).toEqual(['Bearer access-token-1']);
  });

  it('PX-11: goes to no other API, and to no other part of that host', async () => {
    for (const address of [`${other.origin}/v1/a`, `${api.origin}/v2/a`, `${api.origin}/v10`])
      expect(await forwardRequest(session, build(address))).toMatchObject({
        kind: 'unavailable',
        reason: 'internal_error',
      });
    expect([api.requests, other.requests]).toEqual([[], []]);
  });

  it('RF-01: is not sent when it has expired', async () => {
    const old = buildSession({ tokens: buildTokens({ expiresAtSec: 1 }) });
    const result = await forwardRequest(old, build(`${api.origin}/v1/a`));
    expect(result).toMatchObject({ kind: 'unavailable', reason: 'token_expired', problem: 'not_refreshed' });
    expect(api.requests).toEqual([]);
  });
});

describe('a forwarded request', () => {
  const post = async (bytes: number) => ({
    ...build(`${api.origin}/v1/a`, { method: 'POST' }),
    body: await takeBody(new Response('a'.repeat(bytes)).body, 256_000),
  });

  it('RC-03: with a short body can be sent again as it was', async () => {
    const bodies: string[] = [];
    api.handlers['/v1/a'] = (request, response, body) => {
      bodies.push(body);
      json({}, bodies.length === 1 ? 401 : 200)(request, response, body);
    };
    const request = await post(1_000);
    expect((await forwardRequest(session, request)).kind).toBe('invalid_token');
    expect((await forwardRequest(session, request)).kind).toBe('ok');
    expect(bodies).toEqual(['a'.repeat(1_000), 'a'.repeat(1_000)]);
  });

  it('RC-03: with a long body is sent once', async () => {
    api.handlers['/v1/a'] = json({}, 401);
    const request = await post(150_000);
    expect(request.body.kind).toBe('passing');
    expect((await forwardRequest(session, request)).kind).toBe('invalid_token');
    // A clock that is behind would have it sent again too.
    const date = new Date((session.tokens.obtainedAtSec - 1) * 1000).toUTCString();
    api.handlers['/v1/b'] = json({}, 401, { date });
    const early = { ...(await post(150_000)), url: new URL(`${api.origin}/v1/b`) };
    expect(await forwardRequest(session, early)).toMatchObject({ reason: 'body_not_repeatable' });
    expect(api.requests).toHaveLength(2);
    const again = await forwardRequest(session, request);
    expect(again).toMatchObject({ kind: 'unavailable', reason: 'body_not_repeatable' });
    expect(api.requests).toHaveLength(2);
  });

  it.each([
    ['GET', 'ok', 2],
    ['POST', 'unavailable', 1],
    ['DELETE', 'unavailable', 1],
  ] as const)('RC-08: %s whose connection breaks: %s after %i requests', async (method, kind, sent) => {
    api.handlers['/v1/a'] = (request, response, body) =>
      api.requests.length === 1 ? response.destroy() : json({})(request, response, body);
    expect((await forwardRequest(session, build(`${api.origin}/v1/a`, { method }))).kind).toBe(kind);
    expect(api.requests).toHaveLength(sent);
  });

  it('PX-07, PX-09: a redirect, a response that is too long and one that is too late have their reasons', async () => {
    api.handlers['/v1/a'] = json({}, 302, { location: `${other.origin}/` });
    api.handlers['/v1/b'] = (_request, response) => response.end('a'.repeat(20_000));
    api.handlers['/v1/c'] = () => {};
    const ask = (path: string, timeoutMs = 120_000) =>
      forwardRequest(session, build(`${api.origin}${path}`, { timeoutMs }));
    expect(await ask('/v1/a')).toMatchObject({ kind: 'unavailable', reason: 'redirect' });
    expect(await ask('/v1/b')).toMatchObject({ kind: 'unavailable', reason: 'body_too_large' });
    expect(await ask('/v1/c', 50)).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
    expect(other.requests).toEqual([]);
  });
});

describe('an event stream', () => {
  const stream = { idleMs: 120_000, maxMs: 120_000 };
  const longest = { idleMs: 3_600_000, maxMs: 3_600_000 };
  const open = (changes: Partial<GatewayRoute> = {}, request: Partial<ForwardedRequest> = {}) =>
    forwardRequest(session, {
      ...build(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream, ...changes }),
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
      const request = build(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream: longest });
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
    const request = build(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream: longest });
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
    const request = build(`${api.origin}/v1/stream`, { accepts: ['text/event-stream'], stream });
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
