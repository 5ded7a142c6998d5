import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as clock from '../base/clock';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { buildSession } from '../testing/sessions';
import { sendApiRequest } from './send-request';

let server: TestServer;
let sink: TestServer;
const session = buildSession();

beforeAll(async () => {
  [server, sink] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(() => Promise.all([server.close(), sink.close()]));
beforeEach(() => {
  server.reset();
  sink.reset();
  useEnvironment({ API_BASE_URL: `${server.origin}/v1/` });
});

describe('a request to the API', () => {
  it('RC-01: carries the token in the Authorization header, and nowhere else', async () => {
    const seen: Record<string, unknown>[] = [];
    server.handlers['/v1/messages'] = (request, response, body) => {
      seen.push({ ...request.headers, url: request.url, body });
      json({})(request, response, body);
    };
    const json1 = { text: 'hello' };
    await sendApiRequest(session, {
      method: 'POST',
      path: ['messages'],
      query: { a: 'b&c' },
      json: json1,
      idempotencyKey: 'k',
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      authorization: 'Bearer access-token-1',
      'content-type': 'application/json',
      'idempotency-key': 'k',
      url: '/v1/messages?a=b%26c',
      body: '{"text":"hello"}',
    });
    expect(JSON.stringify({ ...seen[0], authorization: '' })).not.toContain('access-token-1');
  });

  it('RC-04: returns the challenges of a rejection', async () => {
    const challenge = 'Basic realm="a, b", Bearer error="insufficient_scope", scope="read:x write:y"';
    server.handlers['/v1/a'] = json({}, 403, { 'www-authenticate': challenge });
    const response = await sendApiRequest(session, { method: 'GET', path: ['a'] });
    expect(response).toMatchObject({ kind: 'response', status: 403 });
    expect(
      response.kind === 'response' && response.challenges.map(({ parameters }) => parameters.scope),
    ).toContain('read:x write:y');
  });

  it.each([
    'Bearer',
    'Bearer error=',
    '"',
    ',,,',
    `Bearer x="${'a'.repeat(7_000)}`,
    'Bearer error="insufficient_scope',
  ])('RC-09: the challenge %.30j throws nothing', async (challenge) => {
    server.handlers['/v1/a'] = json({}, 401, { 'www-authenticate': challenge });
    expect(await sendApiRequest(session, { method: 'GET', path: ['a'] })).toMatchObject({ status: 401 });
  });

  it.each([
    ['folded over two lines', 'Bearer error="insufficient_scope",\r\n scope="x"'],
    ['with a header of its own', 'Bearer error="insufficient_scope"\r\nX-Injected: 1'],
    ['with a bare line feed', 'Bearer error="insufficient_scope"\nX-Injected: 1'],
    ['with a NUL', 'Bearer error="\u0000"'],
    ['sent twice', 'Basic realm="a"\r\nWWW-Authenticate: Bearer error="insufficient_scope"'],
    ['in Latin-1', 'Bearer error="\u00e9\u00ff"'],
  ])(
    'RC-09: a challenge %s never throws, and gives a response or an unavailable result',
    async (_how, challenge) => {
      server.handlers['/v1/a'] = (_request, response) =>
        response.socket?.end(
          Buffer.from(
            `HTTP/1.1 403 No\r\nWWW-Authenticate: ${challenge}\r\nContent-Length: 0\r\n\r\n`,
            'latin1',
          ),
        );
      const response = await sendApiRequest(session, { method: 'POST', path: ['a'] });
      expect(['response', 'no_response']).toContain(response.kind);
      if (response.kind === 'response') expect(response.status).toBe(403);
      else expect(response.reason).toBe('network');
    },
  );

  it('PX-07: a redirect is not followed, so that no other server gets the token', async () => {
    server.handlers['/v1/a'] = (_request, response) =>
      response.writeHead(302, { location: `${sink.origin}/` }).end();
    const response = await sendApiRequest(session, { method: 'GET', path: ['a'] });
    expect(response).toMatchObject({ kind: 'no_response', reason: 'redirect' });
    expect(sink.requests).toEqual([]);
  });

  it.each([
    ['GET', 'response', 2],
    ['POST', 'no_response', 1],
    ['HEAD', 'response', 2],
    ['PATCH', 'no_response', 1],
    ['DELETE', 'no_response', 1],
  ] as const)('RC-08: a %s whose connection breaks: %s after %i sent', async (method, kind, sent) => {
    server.handlers['/v1/a'] = (request, response, body) =>
      server.requests.length === 1 ? response.destroy() : json({})(request, response, body);
    expect(await sendApiRequest(session, { method, path: ['a'] })).toMatchObject({ kind });
    expect(server.requests).toHaveLength(sent);
  });

  it('RC-08: what is repeated has no time of its own: once the time of the call is over, nothing is sent', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    server.handlers['/v1/a'] = (_request, response) => {
      now.mockReturnValue(8_000);
      response.destroy();
    };
    const response = await sendApiRequest(session, { method: 'GET', path: ['a'] });
    now.mockRestore();
    expect(response).toMatchObject({ kind: 'no_response', reason: 'timeout' });
    expect(server.requests).toEqual(['GET /v1/a']);
  });

  it('RC-08: a reset and a response of 50 MB are failures', async () => {
    server.handlers['/v1/reset'] = (_request, response) => response.destroy();
    server.handlers['/v1/large'] = (_request, response) => response.end(Buffer.alloc(50_000_000));
    expect(await sendApiRequest(session, { method: 'GET', path: ['reset'] })).toMatchObject({
      kind: 'no_response',
      reason: 'network',
    });
    expect(await sendApiRequest(session, { method: 'GET', path: ['large'] })).toMatchObject({
      kind: 'no_response',
      reason: 'body_too_large',
    });
  });

  it.each(['PUT', 'PATCH', 'HEAD'] as const)('RC-01: %s is sent as it is', async (method) => {
    server.handlers['/v1/a'] = json({});
    await sendApiRequest(session, { method, path: ['a'] });
    expect(server.requests).toEqual([`${method} /v1/a`]);
  });
});
