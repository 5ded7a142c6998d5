import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callWithinLimit, maxCallsAtOnce } from '../../api/call-limit';
import { useEnvironment } from '../../testing/environment';
import { buildForwarded } from '../../testing/forwarded-request';
import { type Handler, json, startTestServer, type TestServer } from '../../testing/http-server';
import { buildSession, buildTokens } from '../../testing/sessions';
import { forwardRequest } from './forward-request';
import { takeBody } from './forwarded-request';

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

describe('an API that stalls', () => {
  it('RC-15: the gateway shares its bounded number of waiting calls with the pages, and the next one fails at once', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    const taken = Array.from({ length: maxCallsAtOnce }, (_, number) =>
      callWithinLimit({ user: { issuer: 'https://issuer.example', subject: `user-${number}` } }, () => back),
    );
    api.handlers['/v1/a'] = json({});
    const ask = () => forwardRequest(session, buildForwarded(`${api.origin}/v1/a`));
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
      expect((await forwardRequest(session, buildForwarded(`${api.origin}/v1/a`))).kind).toBe(kind);
    }
  });
});

describe('the access token', () => {
  it('PX-11: goes to the API that it was issued for', async () => {
    api.handlers['/v1/a'] = noting(json({ a: 1 }));
    const result = await forwardRequest(session, buildForwarded(`${api.origin}/v1/a`));
    if (result.kind !== 'ok' || result.value.kind !== 'body') throw new Error(result.kind);
    expect(await new Response(result.value.body).json()).toEqual({ a: 1 });
    expect(tokens).toEqual(['Bearer access-token-1']);
  });

  it('PX-11: goes to no other API, and to no other part of that host', async () => {
    for (const address of [`${other.origin}/v1/a`, `${api.origin}/v2/a`, `${api.origin}/v10`])
      expect(await forwardRequest(session, buildForwarded(address))).toMatchObject({
        kind: 'unavailable',
        reason: 'internal_error',
      });
    expect([api.requests, other.requests]).toEqual([[], []]);
  });

  it('RF-01: is not sent when it has expired', async () => {
    const old = buildSession({ tokens: buildTokens({ expiresAtSec: 1 }) });
    const result = await forwardRequest(old, buildForwarded(`${api.origin}/v1/a`));
    expect(result).toMatchObject({ kind: 'unavailable', reason: 'token_expired', problem: 'not_refreshed' });
    expect(api.requests).toEqual([]);
  });
});

describe('a forwarded request', () => {
  const post = async (bytes: number) => ({
    ...buildForwarded(`${api.origin}/v1/a`, { method: 'POST' }),
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
    expect((await forwardRequest(session, buildForwarded(`${api.origin}/v1/a`, { method }))).kind).toBe(kind);
    expect(api.requests).toHaveLength(sent);
  });

  it('PX-07, PX-09: a redirect, a response that is too long and one that is too late have their reasons', async () => {
    api.handlers['/v1/a'] = json({}, 302, { location: `${other.origin}/` });
    api.handlers['/v1/b'] = (_request, response) => response.end('a'.repeat(20_000));
    api.handlers['/v1/c'] = () => {};
    const ask = (path: string, timeoutMs = 120_000) =>
      forwardRequest(session, buildForwarded(`${api.origin}${path}`, { timeoutMs }));
    expect(await ask('/v1/a')).toMatchObject({ kind: 'unavailable', reason: 'redirect' });
    expect(await ask('/v1/b')).toMatchObject({ kind: 'unavailable', reason: 'body_too_large' });
    expect(await ask('/v1/c', 50)).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
    expect(other.requests).toEqual([]);
  });
});
