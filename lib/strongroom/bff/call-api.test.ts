import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import * as clock from '../base/clock';
import { nowSec } from '../base/clock';
import { writeSession } from '../session/session-cookie';
import { fingerprintOf } from '../session/token-fingerprint';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { renderAnew } from '../testing/page-render';
import { holdCookies } from '../testing/request-cookies';
import { buildSession, buildTokens } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { callApi } from './call-api';
import { LoginRequiredError, runAs } from './caller';
import { requireSession } from './page-session';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));
vi.mock('react', () => import('../testing/page-render'));

let api: TestServer;
let server: TokenEndpoint;
let jar: TestJar;
const session = buildSession({
  tokens: buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: nowSec() + 3_600 }),
  startedAtMs: nowSec() * 1000,
  lastSeenAtSec: nowSec(),
  endsAtSec: nowSec() + 7_200,
});

beforeAll(async () => {
  [api, server] = await Promise.all([startTestServer(), startTokenEndpoint()]);
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin });
  api.reset();
  server.restart();
  renderAnew();
  jar = holdCookies(createTestJar());
  await writeSession(jar, session);
  jar.writes.length = 0;
});

const read = () => callApi({ method: 'GET', path: ['things'] }, z.object({ a: z.number() }));
const rejected = json({}, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });

describe('a call from a page', () => {
  it('FW-01: is made for the session that the page required, and not before', async () => {
    api.handlers['/things'] = json({ a: 1 });
    await expect(read()).rejects.toThrow('requireSession');
    expect(api.requests).toEqual([]);
    await requireSession('/dashboard/things');
    expect(await read()).toEqual({ kind: 'ok', value: { a: 1 } });
  });

  it('FW-01: a page without a session is left for the one that asks to sign in', async () => {
    holdCookies(createTestJar());
    const page = requireSession('/dashboard/things?page=2');
    await expect(page).rejects.toMatchObject({ digest: expect.stringContaining('/sign-in?return_to=') });
    await expect(read()).rejects.toThrow('requireSession');
  });

  it('RC-02: a rejected token leads through the refresh route and back, and no cookie is written', async () => {
    api.handlers['/things'] = rejected;
    await requireSession('/dashboard/things?page=2');
    const fingerprint = fingerprintOf(session.tokens.accessToken);
    const target = `/auth/refresh?return_to=%2Fdashboard%2Fthings%3Fpage%3D2&rejected=${fingerprint}`;
    await expect(read()).rejects.toMatchObject({ digest: expect.stringContaining(target) });
    expect([jar.writes, server.tokenRequests]).toEqual([[], []]);
  });
});

describe('several calls from one page', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('RC-08: have the time of one together: what is late is not sent, and the next page has its own', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    api.handlers['/things'] = (request, response, body) => {
      now.mockReturnValue(now() + 7_999);
      json({ a: 1 })(request, response, body);
    };
    await requireSession('/dashboard/things');
    expect((await read()).kind).toBe('ok');
    now.mockReturnValue(8_000);
    expect(await read()).toMatchObject({ kind: 'unavailable', reason: 'timeout' });
    expect(api.requests).toHaveLength(1);
    renderAnew();
    await requireSession('/dashboard/things');
    expect((await read()).kind).toBe('ok');
  });
});

describe('a call from an action or a route', () => {
  const within = <T>(work: () => Promise<T>) => runAs({ jar, session }, work);

  it('RC-02: a rejected token is refreshed, and later calls use the new one', async () => {
    server.onTokenRequest = (request) =>
      request.respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 300 });
    const tokens: (string | undefined)[] = [];
    api.handlers['/things'] = (request, response, body) => {
      tokens.push(request.headers.authorization);
      return (tokens.length === 1 ? rejected : json({ a: 1 }))(request, response, body);
    };
    await within(async () => {
      expect((await read()).kind).toBe('ok');
      expect((await read()).kind).toBe('ok');
    });
    expect(tokens).toEqual(['Bearer access-token-1', 'Bearer access-2', 'Bearer access-2']);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RC-14: when only signing in again helps, it says so to the wrapper', async () => {
    server.onTokenRequest = (request) => request.respond({ error: 'invalid_grant' }, 400);
    api.handlers['/things'] = rejected;
    await expect(within(read)).rejects.toBeInstanceOf(LoginRequiredError);
  });
});
