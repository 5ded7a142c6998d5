/** Who asks, with which session: what the flow tests cannot hold still, the time and the store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import { clientAddressHeader } from '../../server/client-address';
import { readLastSeen } from '../../session/last-seen';
import { revokeSession } from '../../session/revocations';
import { writeSession } from '../../session/session-cookie';
import { createTestJar, type TestJar } from '../../testing/cookie-jar';
import { useEnvironment } from '../../testing/environment';
import {
  askGateway,
  gatewaySession,
  oneEvent,
  ownScript,
  sendToGateway,
  signInAtGateway,
  startGatewayServers,
} from '../../testing/gateway';
import type { TestServer } from '../../testing/http-server';
import { readSession } from '../../testing/read-session';
import { holdCookies } from '../../testing/request-cookies';
import { buildTokens, noonSec } from '../../testing/sessions';
import type { TokenEndpoint } from '../../testing/token-endpoint';
import { watchStore } from '../../testing/watched-store';

vi.mock('../../session/next-cookies', () => import('../../testing/request-cookies'));

let api: TestServer;
let server: TokenEndpoint;
let jar: TestJar;
beforeAll(async () => {
  ({ api, server } = await startGatewayServers());
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = await signInAtGateway({ api, server });
});
afterEach(() => void vi.useRealTimers());

describe('a browser that leaves while it sends', () => {
  it('PX-09: is no failure of ours, and fills no log', async () => {
    const failures = vi.spyOn(log, 'logFailure');
    const warnings = vi.spyOn(log, 'logWarning');
    const left = new ReadableStream({ pull: (controller) => controller.error(new Error('ECONNRESET')) });
    const headers = {
      ...ownScript,
      [clientAddressHeader()]: '192.0.2.1',
      'content-type': 'application/json',
    };
    const init = { method: 'POST', headers, body: left, duplex: 'half' };
    const response = await sendToGateway(init as RequestInit);
    const calls = [...failures.mock.calls, ...warnings.mock.calls];
    vi.restoreAllMocks();
    expect([response.status, calls]).toEqual([400, []]);
  });
});

describe('a body', () => {
  const post = (body: ReadableStream) => {
    const headers = {
      ...ownScript,
      [clientAddressHeader()]: '192.0.2.1',
      'content-type': 'application/json',
    };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    return sendToGateway(init as RequestInit);
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
          await revokeSession(gatewaySession);
          controller.enqueue(new TextEncoder().encode('{}'));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    expect([(await post(body)).status, api.requests]).toEqual([401, []]);
  });
});

describe('a script that calls the gateway', () => {
  it.each([
    ['a request notes that its user is here', '', noonSec],
    ['the event stream of an open page keeps no user signed in who has left', '/stream', noonSec - 600],
  ])('SE-03: %s', async (_who, path, expected) => {
    api.handlers['/contacts/stream'] = oneEvent;
    const response = await askGateway({}, { path });
    expect([response.status, (await response.text()).length > 0]).toEqual([200, true]);
    expect(await readLastSeen(jar, gatewaySession)).toBe(expected);
  });

  it('HO-04: a request that did not come through the server guard reaches no API', async () => {
    const response = await sendToGateway({ headers: ownScript });
    expect([response.status, api.requests.length]).toEqual([503, 0]);
  });

  it('RL-01: is rate limited beyond ten times the limit of one address, and the session stays', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin, RATE_LIMIT_PER_MINUTE: '10' });
    await writeSession(jar, gatewaySession);
    const statuses: number[] = [];
    for (let step = 0; step < 101; step += 1) statuses.push((await askGateway()).status);
    expect(statuses).toEqual([...Array<number>(100).fill(200), 429]);
    expect((await askGateway()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readSession(jar)).not.toBeNull();
  });

  it('SE-03: does not keep the user signed in when an event stream refreshes a token', async () => {
    const tokens = buildTokens({ expiresAtSec: noonSec - 1 });
    await writeSession(jar, { ...gatewaySession, tokens });
    server.onTokenRequest = ({ respond }) =>
      respond({
        access_token: 'access-2',
        refresh_token: 'refresh-2',
        token_type: 'Bearer',
        expires_in: 300,
      });
    api.handlers['/contacts/stream'] = oneEvent;
    expect((await askGateway({}, { path: '/stream' })).status).toBe(200);
    const after = await readSession(jar);
    expect([after?.tokens.accessToken, after?.lastSeenAtSec]).toEqual(['access-2', noonSec - 600]);
  });

  it('RF-07: gets 503 while no new token can be had, and its user stays signed in', async () => {
    await writeSession(jar, { ...gatewaySession, tokens: buildTokens({ expiresAtSec: noonSec - 1 }) });
    server.onTokenRequest = ({ respond }) => respond({}, 503);
    const response = await askGateway();
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
    const response = await askGateway();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'temporarily_unavailable' },
    ]);
    expect(api.requests).toEqual([]);
  });
});

describe('the response to a request', () => {
  it('PX-06, PX-12: an image is shown inline, runs nothing, and is kept by its own browser alone', async () => {
    api.handlers['/contacts/c_1/picture'] = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'image/png', etag: '"a"', 'cache-control': 'public' })
        .end('x');
    const response = await askGateway({}, { path: '/c_1/picture' });
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
    const response = await askGateway({ 'if-none-match': '"a"' }, { path: '/c_1/picture' });
    expect([response.status, response.headers.get('etag'), response.body]).toEqual([304, '"a"', null]);
  });

  it('PX-12: an event stream is never stored, and not held back on its way', async () => {
    api.handlers['/contacts/stream'] = oneEvent;
    const { headers } = await askGateway({}, { path: '/stream' });
    expect(headers.get('cache-control')).toBe('private, no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });
});
