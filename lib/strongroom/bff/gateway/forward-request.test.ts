import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callWithinLimit, maxCallsAtOnce } from '../../api/call-limit';
import { useEnvironment } from '../../testing/environment';
import { type Answer, json, startTestServer, type TestServer } from '../../testing/http-server';
import { buildSession, buildTokens } from '../../testing/sessions';
import { type ForwardedRequest, forwardAnonymously, forwardFor } from './forward-request';
import { takeBody } from './request-body';
import type { GatewayRoute, Upstream } from './upstreams';

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
  (answer: Answer): Answer =>
  (request, response, body) => {
    tokens.push(request.headers.authorization);
    return answer(request, response, body);
  };

function build(address: string, changes: Partial<Upstream & GatewayRoute> = {}): ForwardedRequest {
  const { method = 'GET', token = 'session', timeoutMs = 5_000, maxResponseBytes = 10_000 } = changes;
  const route: GatewayRoute = {
    method,
    path: [],
    accepts: ['application/json'],
    maxRequestBytes: 64_000,
    maxResponseBytes,
  };
  return {
    name: 'things',
    upstream: { baseUrl: () => address, token, timeoutMs, routes: [route] },
    route,
    url: new URL(address),
    headers: new Headers({ accept: 'application/json' }),
    body: { kind: 'none' },
    signal: new AbortController().signal,
  };
}

describe('an API that stalls', () => {
  it('RC-15: has as many proxied calls waiting as pages have, and the next one is told at once', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    const taken = Array.from({ length: maxCallsAtOnce }, () => callWithinLimit(null, () => back));
    api.answers['/v1/a'] = json({});
    const ask = () => forwardFor(session, build(`${api.origin}/v1/a`));
    expect(await ask()).toEqual({ kind: 'unavailable', reason: 'too_many_calls' });
    expect(api.requests).toEqual([]);
    comeBack();
    await Promise.all(taken);
    expect((await ask()).kind).toBe('ok');
  });

  it('RC-09: a challenge of 10 kB that passes through is not read', async () => {
    useEnvironment({ API_BASE_URL: `${api.origin}/v1`, AUTH_SCOPES: 'openid write:messages' });
    for (const [more, kind] of [
      [0, 'insufficient_scope'],
      [1_500, 'denied'],
    ] as const) {
      const challenge = `Bearer error="insufficient_scope", scope="write:messages"${', a="b"'.repeat(more)}`;
      api.answers['/v1/a'] = json({}, 403, { 'www-authenticate': challenge });
      expect((await forwardFor(session, build(`${api.origin}/v1/a`))).kind).toBe(kind);
    }
  });
});

describe('the token of a proxied request', () => {
  it('PX-11: goes to the API that it was issued for', async () => {
    api.answers['/v1/a'] = noting(json({ a: 1 }));
    const answer = await forwardFor(session, build(`${api.origin}/v1/a`));
    if (answer.kind !== 'ok' || answer.value.kind !== 'body') throw new Error(answer.kind);
    expect(await new Response(answer.value.body).json()).toEqual({ a: 1 });
    expect(tokens).toEqual(['Bearer access-token-1']);
  });

  it('PX-11: goes to no other API, and to no other part of that host', async () => {
    for (const address of [`${other.origin}/v1/a`, `${api.origin}/v2/a`, `${api.origin}/v10`])
      expect(await forwardFor(session, build(address))).toEqual({
        kind: 'unavailable',
        reason: 'internal_error',
      });
    expect([api.requests, other.requests]).toEqual([[], []]);
  });

  it('PX-11: is never sent to a upstream without one, whoever asks', async () => {
    other.answers['/open'] = noting(json({}));
    expect((await forwardAnonymously(build(`${other.origin}/open`, { token: 'none' }))).kind).toBe('ok');
    other.answers['/open'] = noting(json({}, 401, { 'www-authenticate': 'Bearer' }));
    expect(await forwardAnonymously(build(`${other.origin}/open`))).toEqual({ kind: 'access_denied' });
    expect(tokens).toEqual([undefined, undefined]);
  });

  it('RF-01: that has expired is not sent', async () => {
    const old = buildSession({ tokens: buildTokens({ expiresAtSec: 1 }) });
    const answer = await forwardFor(old, build(`${api.origin}/v1/a`));
    expect(answer).toEqual({ kind: 'unavailable', reason: 'token_expired' });
    expect(api.requests).toEqual([]);
  });
});

describe('a proxied request', () => {
  const post = async (bytes: number) => ({
    ...build(`${api.origin}/v1/a`, { method: 'POST' }),
    body: await takeBody(new Response('a'.repeat(bytes)).body, 256_000),
  });

  it('RC-03: with a short body can be sent again as it was', async () => {
    const bodies: string[] = [];
    api.answers['/v1/a'] = (request, response, body) => {
      bodies.push(body);
      json({}, bodies.length === 1 ? 401 : 200)(request, response, body);
    };
    const request = await post(1_000);
    expect((await forwardFor(session, request)).kind).toBe('invalid_token');
    expect((await forwardFor(session, request)).kind).toBe('ok');
    expect(bodies).toEqual(['a'.repeat(1_000), 'a'.repeat(1_000)]);
  });

  it('RC-03: with a body that passed through is sent once', async () => {
    api.answers['/v1/a'] = json({}, 401);
    const request = await post(150_000);
    expect(request.body.kind).toBe('passing');
    expect((await forwardFor(session, request)).kind).toBe('invalid_token');
    const again = await forwardFor(session, request);
    expect(again).toEqual({ kind: 'unavailable', reason: 'body_not_repeatable' });
    expect(api.requests).toHaveLength(1);
  });

  it.each([
    ['GET', 'ok', 2],
    ['POST', 'unavailable', 1],
    ['DELETE', 'unavailable', 1],
  ] as const)('RC-08: %s whose connection breaks: %s after %i sent', async (method, kind, sent) => {
    api.answers['/v1/a'] = (request, response, body) =>
      api.requests.length === 1 ? response.destroy() : json({})(request, response, body);
    expect((await forwardFor(session, build(`${api.origin}/v1/a`, { method }))).kind).toBe(kind);
    expect(api.requests).toHaveLength(sent);
  });

  it('PX-07, PX-09: a redirect, an answer that is too long and one that is too late have their reasons', async () => {
    api.answers['/v1/a'] = json({}, 302, { location: `${other.origin}/` });
    api.answers['/v1/b'] = (_request, response) => response.end('a'.repeat(20_000));
    api.answers['/v1/c'] = () => {};
    const ask = (path: string, timeoutMs = 5_000) =>
      forwardFor(session, build(`${api.origin}${path}`, { timeoutMs }));
    expect(await ask('/v1/a')).toEqual({ kind: 'unavailable', reason: 'redirect' });
    expect(await ask('/v1/b')).toEqual({ kind: 'unavailable', reason: 'body_too_large' });
    expect(await ask('/v1/c', 50)).toEqual({ kind: 'unavailable', reason: 'timeout' });
    expect(other.requests).toEqual([]);
  });
});
