/** Who asks, with which session: what the flow tests cannot hold still, the time and the store. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import { clientAddressHeader } from '../../server/client-address';
import { readLastSeen } from '../../session/last-seen';
import { readSession } from '../../session/load-session';
import { revokeSession } from '../../session/revocations';
import { writeSession } from '../../session/session-cookie';
import { createTestJar, type TestJar } from '../../testing/cookie-jar';
import { useEnvironment } from '../../testing/environment';
import { type Handler, json, startTestServer, type TestServer } from '../../testing/http-server';
import { holdCookies } from '../../testing/request-cookies';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { watchStore } from '../../testing/watched-store';
import { createGateway } from './gateway-request';
import type { Upstreams } from './upstreams';

vi.mock('../../session/next-cookies', () => import('../../testing/request-cookies'));

let api: TestServer;
let server: TokenEndpoint;
let jar: TestJar;
const session = buildSession({ lastSeenAtSec: noonSec - 600 });

beforeAll(async () => {
  [api, server] = await Promise.all([startTestServer(), startTokenEndpoint()]);
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin });
  api.reset();
  server.restart();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = holdCookies(createTestJar());
  await writeSession(jar, session);
  api.handlers['/contacts'] = json({ items: [] });
});
afterEach(() => void vi.useRealTimers());

const json200 = { accepts: ['application/json'], maxResponseBytes: 1_000 } as const;
const table: Upstreams = {
  contacts: {
    path: '/contacts',
    timeoutMs: 120_000,
    routes: [
      { ...json200, method: 'GET', path: [] },
      { ...json200, method: 'PUT', path: [] },
      { ...json200, method: 'POST', path: [], requestTypes: ['application/json'], maxRequestBytes: 100 },
      { ...json200, method: 'GET', path: [':id', 'picture'], accepts: ['image/png'] },
      {
        ...json200,
        method: 'GET',
        path: ['stream'],
        accepts: ['text/event-stream'],
        stream: { idleMs: 120_000, maxMs: 120_000 },
      },
    ],
  },
};
const own = { 'x-strongroom': '1', 'sec-fetch-site': 'same-origin' };
const ask = (headers: Record<string, string> = {}, { path = '', method = 'GET' } = {}) => {
  const through = { [clientAddressHeader()]: '192.0.2.1' };
  const init = { method, headers: { ...own, ...through, ...headers } };
  return createGateway(table)(new Request(`https://app.example/api/gateway/contacts${path}`, init));
};
const events: Handler = (_request, response) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');

describe('a browser that leaves while it sends', () => {
  it('PX-09: is no failure of ours, and fills no log', async () => {
    const failures = vi.spyOn(log, 'logFailure');
    const warnings = vi.spyOn(log, 'logWarning');
    const left = new ReadableStream({ pull: (controller) => controller.error(new Error('ECONNRESET')) });
    const headers = { ...own, [clientAddressHeader()]: '192.0.2.1', 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: left, duplex: 'half' };
    const request = new Request('https://app.example/api/gateway/contacts', init as RequestInit);
    const response = await createGateway(table)(request);
    const calls = [...failures.mock.calls, ...warnings.mock.calls];
    vi.restoreAllMocks();
    expect([response.status, calls]).toEqual([400, []]);
  });
});

describe('a body', () => {
  const post = (body: ReadableStream) => {
    const headers = { ...own, [clientAddressHeader()]: '192.0.2.1', 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    return createGateway(table)(new Request('https://app.example/api/gateway/contacts', init as RequestInit));
  };

  it('RL-03: is not read without a session', async () => {
    holdCookies(createTestJar());
    let reads = 0;
    const body = new ReadableStream({ pull: () => void reads++ }, { highWaterMark: 0 });
    expect([(await post(body)).status, reads]).toEqual([401, 0]);
  });

  it('SE-04: whose last byte comes after its user signed out reaches no API', async () => {
    const body = new ReadableStream(
      {
        pull: async (controller) => {
          await revokeSession(session);
          controller.enqueue(new TextEncoder().encode('{}'));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    expect([(await post(body)).status, api.requests]).toEqual([401, []]);
  });
});

describe('the log', () => {
  const lines = async (act: () => Promise<Response>) => {
    const spies = [vi.spyOn(log, 'logFailure'), vi.spyOn(log, 'logWarning')];
    const { reference } = (await (await act()).json()) as { reference: string };
    const calls = spies.flatMap((spy) => spy.mock.calls.map(([event, ...more]) => [event, more.at(-1)]));
    vi.restoreAllMocks();
    return { calls, reference };
  };

  it('LK-03: has one line for a call that fails, with its cause and the reference', async () => {
    api.handlers['/contacts'] = (_request, response) => response.destroy();
    const { calls, reference } = await lines(() => ask());
    const fields = { reference, code: 'temporarily_unavailable', reason: 'network', status: 503 };
    const causes = expect.stringMatching(/^HttpError < /);
    const call = { method: 'GET', resource: 'contacts' };
    expect(calls).toEqual([['gateway_request_failed', { ...fields, ...call, causes }]]);
  });

  it.each([403, 404, 422, 429])('LK-03: has one line for a response with %i', async (status) => {
    api.handlers['/contacts'] = json({}, status);
    const { calls, reference } = await lines(() => ask());
    const fields = { reference, method: 'GET', resource: 'contacts' };
    expect(calls.filter(([event]) => event !== 'api_only_not_found')).toEqual([
      ['gateway_request_failed', expect.objectContaining(fields)],
    ]);
  });

  it('RC-02: has one error for a fresh token that is rejected, with what an operator compares', async () => {
    await writeSession(jar, { ...session, tokenReplacedAtSec: noonSec });
    const challenge = 'Bearer error="invalid_token", error_description="wrong audience"';
    api.handlers['/contacts'] = json({}, 401, {
      'www-authenticate': challenge,
      date: new Date(0).toUTCString(),
    });
    const { calls, reference } = await lines(() => ask());
    expect(calls).toEqual([
      [
        'token_rejected',
        expect.objectContaining({
          ...{ reference, status: 503, reason: 'invalid_token', issuer: server.origin, audience: 'none' },
          ...{ apiError: 'invalid_token', apiErrorDescription: 'wrong audience', resource: 'contacts' },
          ...{ ourTime: new Date(noonSec * 1000).toISOString(), apiTime: '1970-01-01T00:00:00.000Z' },
        }),
      ],
    ]);
    expect(await readSession(jar)).not.toBeNull();
  });
});

describe('a script that calls the gateway', () => {
  it.each([
    ['a request notes that its user is here', '', noonSec],
    ['the event stream of an open page keeps no user signed in who has left', '/stream', noonSec - 600],
  ])('SE-03: %s', async (_who, path, expected) => {
    api.handlers['/contacts/stream'] = events;
    const response = await ask({}, { path });
    expect([response.status, (await response.text()).length > 0]).toEqual([200, true]);
    expect(await readLastSeen(jar, session)).toBe(expected);
  });

  it('HO-04: a request that did not come through the server guard reaches no API', async () => {
    const request = new Request('https://app.example/api/gateway/contacts', { headers: own });
    const response = await createGateway(table)(request);
    expect([response.status, api.requests.length]).toEqual([503, 0]);
  });

  it('RL-01: is rate limited beyond ten times the limit of one address, and the session stays', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin, RATE_LIMIT_PER_MINUTE: '10' });
    await writeSession(jar, session);
    const statuses: number[] = [];
    for (let step = 0; step < 101; step += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([...Array<number>(100).fill(200), 429]);
    expect((await ask()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readSession(jar)).not.toBeNull();
  });

  it('SE-03: does not keep the user signed in when an event stream refreshes a token', async () => {
    const tokens = buildTokens({ expiresAtSec: noonSec - 1 });
    await writeSession(jar, { ...session, tokens });
    server.onTokenRequest = ({ respond }) =>
      respond({
        access_token: 'access-2',
        refresh_token: 'refresh-2',
        token_type: 'Bearer',
        expires_in: 300,
      });
    api.handlers['/contacts/stream'] = events;
    expect((await ask({}, { path: '/stream' })).status).toBe(200);
    const after = await readSession(jar);
    expect([after?.tokens.accessToken, after?.lastSeenAtSec]).toEqual(['access-2', noonSec - 600]);
  });

  it('RF-07: gets 503 while no new token can be had, and its user stays signed in', async () => {
    await writeSession(jar, { ...session, tokens: buildTokens({ expiresAtSec: noonSec - 1 }) });
    server.onTokenRequest = ({ respond }) => respond({}, 503);
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'temporarily_unavailable' },
    ]);
    expect(api.requests).toEqual([]);
    expect(await readSession(jar)).not.toBeNull();
  });

  it('PX-10: gets 503 while the store cannot say whether the session is revoked', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin, REVOCATION_CHECK: 'closed' });
    watchStore().goAway();
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'temporarily_unavailable' },
    ]);
    expect(api.requests).toEqual([]);
  });
});

describe('a request of a browser without fetch metadata, which sends no Origin with a GET', () => {
  const askQuietly = (method: string, headers: Record<string, string>) => {
    const init = { method, headers: { [clientAddressHeader()]: '192.0.2.1', ...headers } };
    return createGateway(table)(new Request('https://app.example/api/gateway/contacts', init));
  };

  it('CS-02: is taken with our header, which no other site may send', async () => {
    expect((await askQuietly('GET', { 'x-strongroom': '1' })).status).toBe(200);
  });

  it.each<[string, string, Record<string, string>]>([
    ['without our header', 'GET', {}],
    ['with another value', 'GET', { 'x-strongroom': '2' }],
    ['that writes', 'POST', { 'x-strongroom': '1' }],
    ['of another origin', 'GET', { 'x-strongroom': '1', origin: 'https://evil.example' }],
    ['ahead of a click', 'GET', { 'x-strongroom': '1', 'sec-purpose': 'prefetch' }],
  ])('CS-01, CS-02: %s is rejected', async (_how, method, headers) => {
    const response = await askQuietly(method, headers);
    expect([response.status, api.requests]).toEqual([403, []]);
  });
});

describe('a request of an image or EventSource, which cannot set our header', () => {
  const metadata = (site: string, dest: string) => ({
    'x-strongroom': '',
    'sec-fetch-site': site,
    'sec-fetch-dest': dest,
  });
  beforeEach(() => {
    api.handlers['/contacts/stream'] = events;
    api.handlers['/contacts/c_1/picture'] = (_request, response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).end('picture');
  });

  it.each([
    ['EventSource', '/stream', 'empty'],
    ['an image', '/c_1/picture', 'image'],
    ['a script', '', 'empty'],
  ])('CS-02: %s of our own page is taken by its fetch metadata', async (_who, path, dest) => {
    expect((await ask(metadata('same-origin', dest), { path })).status).toBe(200);
  });

  it.each([
    ['cross-site', 'empty', 'GET', '/stream'],
    ['same-site', 'empty', 'GET', '/stream'],
    ['none', 'empty', 'GET', '/stream'],
    ['cross-site', 'image', 'GET', '/c_1/picture'],
    ['same-origin', 'image', 'GET', ''],
    ['same-origin', 'image', 'GET', '/stream'],
    ['same-origin', 'document', 'GET', '/c_1/picture'],
    ['same-origin', 'iframe', 'GET', '/c_1/picture'],
    ['same-origin', 'script', 'GET', ''],
    ['same-origin', 'style', 'GET', ''],
    ['same-origin', 'object', 'GET', '/c_1/picture'],
    ['same-origin', '', 'GET', ''],
    ['same-origin', 'empty', 'PUT', ''],
  ])('CS-02: from %s, for %j, %s of %j is rejected', async (site, dest, method, path) => {
    const response = await ask(metadata(site, dest), { path, method });
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'cross_site_request' }]);
    expect(api.requests).toEqual([]);
  });

  it('CS-02: an image that a page of another origin of the same site embeds is rejected', async () => {
    const headers = { ...metadata('same-origin', 'image'), origin: 'https://evil.example' };
    expect((await ask(headers, { path: '/c_1/picture' })).status).toBe(403);
  });
});

describe('the response to a request', () => {
  it('PX-06, PX-12: an image is shown inline, runs nothing, and is kept by its own browser alone', async () => {
    api.handlers['/contacts/c_1/picture'] = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'image/png', etag: '"a"', 'cache-control': 'public' })
        .end('x');
    const response = await ask({}, { path: '/c_1/picture' });
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'content-type': 'image/png',
      etag: '"a"',
      vary: 'Cookie',
      'x-content-type-options': 'nosniff',
    });
  });

  it('PX-12: an image that the browser has already is not sent again', async () => {
    api.handlers['/contacts/c_1/picture'] = (request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"a"' ? 304 : 500, { etag: '"a"' }).end();
    const response = await ask({ 'if-none-match': '"a"' }, { path: '/c_1/picture' });
    expect([response.status, response.headers.get('etag'), response.body]).toEqual([304, '"a"', null]);
  });

  it('PX-12: an event stream is never stored, and not held back on its way', async () => {
    api.handlers['/contacts/stream'] = events;
    const { headers } = await ask({}, { path: '/stream' });
    expect(headers.get('cache-control')).toBe('private, no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });
});
