/** Several APIs, one session: at the wire, each token goes to its own API, and one that fails costs no other. */

import { NextRequest } from 'next/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { getApi } from '../config/config';
import { clientAddressHeader } from '../server/client-address';
import { maxCookieChars } from '../session/cookies';
import { readSession } from '../session/load-session';
import { recordReplacement } from '../session/revocations';
import type { Session, TokenSet } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { fingerprintOf } from '../session/token-fingerprint';
import { guardPage } from '../sign-in/guard-page';
import { refreshEndpoint } from '../sign-in/refresh-endpoint';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { renderAnew } from '../testing/page-render';
import { pageRequest } from '../testing/page-request';
import { holdCookies } from '../testing/request-cookies';
import { offerMetadata } from '../testing/server-metadata';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import {
  allScopes,
  apiNames,
  audiences,
  declareThreeApis,
  rotateStrictly,
  type StrictServer,
  type TestApiName,
} from '../testing/three-apis';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { callApi } from './call-api';
import { type Caller, runAs } from './caller';
import { createGateway } from './gateway/gateway-request';
import type { Upstreams } from './gateway/upstreams';
import { requireSession } from './page-session';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));
vi.mock('react', () => import('../testing/page-render'));

let apis: Record<TestApiName, TestServer>;
let server: TokenEndpoint;
let jar: TestJar;
/** The access tokens that arrived at each API. */
const arrived: Record<TestApiName, string[]> = { main: [], calendar: [], files: [] };

beforeAll(async () => {
  const [main, calendar, files] = await Promise.all([
    startTestServer(),
    startTestServer(),
    startTestServer(),
  ]);
  apis = { main, calendar, files };
  server = await startTokenEndpoint();
});
afterAll(() => Promise.all([...Object.values(apis), server].map((one) => one.close())));
beforeEach(() => {
  declareThreeApis({
    AUTH_ISSUER: server.origin,
    API_BASE_URL: apis.main.origin,
    CALENDAR_BASE_URL: apis.calendar.origin,
    FILES_BASE_URL: apis.files.origin,
  });
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  server.restart();
  rotateStrictly(server);
  renderAnew();
  for (const name of apiNames) {
    arrived[name].length = 0;
    apis[name].reset();
    respondWith(name, json({ a: 1 }));
  }
});
afterEach(() => {
  for (const name of apiNames)
    for (const token of arrived[name])
      expect(token).toMatch(name === 'main' ? /^Bearer (access-token-1|.*contacts)/ : audiences[name]);
  vi.useRealTimers();
});

function respondWith(name: TestApiName, handler: TestServer['handlers'][string]): void {
  apis[name].handlers['/things'] = (request, response, body) => {
    arrived[name].push(request.headers.authorization ?? '');
    handler?.(request, response, body);
  };
}

async function signIn(changes: Partial<TokenSet> = {}): Promise<Session> {
  const session = buildSession({
    tokens: buildTokens({ refreshToken: 'refresh-1', scopes: allScopes, ...changes }),
  });
  jar = holdCookies(createTestJar());
  await writeSession(jar, session);
  return session;
}

// The names of these APIs are those of the test's own declaration.
const call = (name: TestApiName) =>
  callApi(name as 'main', { method: 'GET', path: ['things'] }, z.object({ a: z.number() }));
const ok = { kind: 'ok', value: { a: 1 } };
const rejected = json({}, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
const delayed = /^https:\/\/app\.example\/sign-in\/problem\?code=temporarily_unavailable&/;
const redirects = (target: string) => ({ digest: expect.stringContaining(target) });

async function visitRefresh(query: string): Promise<string | null> {
  const headers = { 'sec-fetch-site': 'same-origin', [clientAddressHeader()]: '192.0.2.1' };
  const url = `https://app.example/auth/refresh?return_to=%2Fdashboard&${query}`;
  return (await refreshEndpoint.GET(new NextRequest(url, { headers }))).headers.get('location');
}

async function page(): Promise<void> {
  renderAnew();
  await requireSession('/dashboard');
}

describe('RF-01: a page', () => {
  it('RF-01: that needs an API for the first time gets a token by the refresh route, and comes back', async () => {
    await signIn();
    await page();
    expect(await call('main')).toEqual(ok);
    await expect(call('calendar')).rejects.toMatchObject(
      redirects('/auth/refresh?return_to=%2Fdashboard&api=calendar'),
    );
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await page();
    expect([await call('main'), await call('calendar')]).toEqual([ok, ok]);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-01: has every token that the session holds refreshed before it, and is not prefetched meanwhile', async () => {
    const old = {
      accessToken: `${audiences.calendar}#0`,
      expiresAtSec: noonSec - 1,
      obtainedAtSec: noonSec - 301,
    };
    await signIn({ apiTokens: { calendar: old } });
    const ask = (headers: Record<string, string> = {}) =>
      guardPage(pageRequest('/dashboard', { headers }), jar);
    expect(await ask({ 'sec-purpose': 'prefetch' })).toEqual({ kind: 'prefetch_not_served' });
    expect(server.tokenRequests).toHaveLength(0);
    expect((await ask()).kind).toBe('continue');
    expect(server.tokenRequests.map(({ form }) => form.get('resource'))).toEqual([audiences.calendar]);
    await page();
    expect(await call('calendar')).toEqual(ok);
  });

  it('RF-11: for which the server gives no token says so, without asking again and again', async () => {
    await signIn();
    server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_target' }, 400);
    for (let view = 0; view < 3; view += 1) {
      await visitRefresh('api=calendar');
      await page();
      expect(await call('calendar')).toEqual({
        kind: 'unavailable',
        reason: 'no_access_token',
        problem: 'no_token',
      });
      expect(await call('main')).toEqual(ok);
    }
    expect(server.tokenRequests).toHaveLength(1);
    expect(arrived.calendar).toEqual([]);
  });

  it('AZ-10: whose API the sign-in left out asks for none of its permissions: the sign-in would leave it out again', async () => {
    const scopes = allScopes.filter((scope) => scope !== 'read:events');
    const leftOut = { accessToken: null, expiresAtSec: buildSession().endsAtSec, obtainedAtSec: noonSec };
    await signIn({ scopes, apiTokens: { calendar: leftOut } });
    await page();
    expect(await call('calendar')).toMatchObject({ kind: 'unavailable', reason: 'no_access_token' });
  });

  it('RF-07: shows the rest while the server has no token for one API now, and asks again soon', async () => {
    await signIn();
    server.onTokenRequest = ({ respond }) => respond({}, 503);
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await page();
    expect([await call('main'), (await call('calendar')).kind]).toEqual([ok, 'unavailable']);
    vi.setSystemTime((noonSec + 11) * 1000);
    await page();
    await expect(call('calendar')).rejects.toMatchObject(redirects('api=calendar'));
  });

  it('SE-01: whose session was replaced while the server took its time writes no cookie over the newer one, and is not led in circles', async () => {
    const session = await signIn();
    server.onTokenRequest = async ({ respond }) => {
      await recordReplacement(session);
      respond({}, 503);
    };
    const cookiesBefore = JSON.stringify([...jar.cookies]);
    expect(await visitRefresh('api=calendar')).toMatch(delayed);
    expect(JSON.stringify([...jar.cookies])).toBe(cookiesBefore);
  });

  it.each([['fetches its first token'], ['answers 401']])(
    'SE-01: whose session is replaced already, when an API %s, comes to rest at the problem page',
    async (what) => {
      await signIn();
      if (what === 'answers 401') await visitRefresh('api=calendar');
      const session = await readSession(jar);
      if (session === null) throw new Error('no session');
      await recordReplacement(session);
      const token = session.tokens.apiTokens.calendar?.accessToken;
      const query = token == null ? '' : `&rejected=${fingerprintOf(token)}`;
      expect(await visitRefresh(`api=calendar${query}`)).toMatch(delayed);
    },
  );

  it('RF-11: of a user who has none of its permissions asks for one, and no server', async () => {
    await signIn({ scopes: ['openid', 'read:contacts'] });
    await page();
    expect(await call('files')).toEqual({ kind: 'insufficient_scope', scope: 'read:files' });
    expect([server.tokenRequests, arrived.files]).toEqual([[], []]);
  });

  it('RF-16: of a session without a refresh token has only the first API', async () => {
    await signIn({ refreshToken: null });
    await page();
    expect(await call('main')).toEqual(ok);
    expect(await call('calendar')).toEqual({
      kind: 'unavailable',
      reason: 'no_refresh_token',
      problem: 'no_token',
    });
  });
});

describe('RC-02: a 401 of one API', () => {
  it('RC-02: replaces the token for that one, and says nothing of the others', async () => {
    const caller: Caller = { jar: createTestJar(), session: await signIn() };
    let count = 0;
    respondWith('files', (...exchange) => {
      count += 1;
      return (count === 1 ? rejected : json({ a: 1 }))(...exchange);
    });
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(arrived.files).toEqual([`Bearer ${audiences.files}#2`, `Bearer ${audiences.files}#3`]);
    expect(arrived.main).toEqual(['Bearer access-token-1']);
    expect(caller.session.tokenReplacedAtSec).toBeNull();
    expect(caller.session.apiTokensReplacedAtSec).toEqual({ files: noonSec });
  });

  it('RC-02: from a page leads through the refresh route with the name of that API', async () => {
    await signIn();
    await visitRefresh('api=files');
    respondWith('files', rejected);
    await page();
    await expect(call('files')).rejects.toMatchObject(redirects('api=files&rejected='));
    const kept = (await readSession(jar))?.tokens.accessToken;
    expect(kept).toBe('access-token-1');
  });
});

describe('RF-05: a session from before the APIs were changed', () => {
  const elsewhere = { expiresAtSec: noonSec + 300, obtainedAtSec: noonSec };
  const old = (name: string) => ({
    accessToken: `token of another ${name}`,
    ...elsewhere,
    target: 'another1',
  });
  const before = { target: 'another1', apiTokens: { calendar: old('calendar'), files: old('files') } };
  const ask = () => guardPage(pageRequest('/dashboard'), jar);

  it('RF-05: sends no token of another API: the first is refreshed before the page, and each other one when needed', async () => {
    await signIn(before);
    expect((await ask()).kind).toBe('continue');
    await page();
    expect(await call('main')).toEqual(ok);
    await expect(call('calendar')).rejects.toMatchObject(redirects('api=calendar'));
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await page();
    expect(await call('calendar')).toEqual(ok);
    expect([arrived.main, arrived.calendar]).toEqual([
      [`Bearer ${audiences.main}#1`],
      [`Bearer ${audiences.calendar}#2`],
    ]);
    const { tokens } = (await readSession(jar)) ?? {};
    expect([tokens?.target, tokens?.apiTokens.calendar?.target]).toEqual([
      getApi('main').target,
      getApi('calendar').target,
    ]);
  });

  it('RF-05: has its tokens replaced in an action and by the gateway’s rules alike, one refresh for each', async () => {
    const caller: Caller = { jar: createTestJar(), session: await signIn(before) };
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(server.tokenRequests).toHaveLength(3);
    expect(arrived.main).toEqual(Array(2).fill(`Bearer ${audiences.main}#1`));
  });

  it('RF-07: says that data are not available while the server has no token, and is not signed out', async () => {
    await signIn(before);
    server.onTokenRequest = ({ respond }) => respond({}, 503);
    expect((await ask()).kind).toBe('continue');
    await page();
    expect(await call('main')).toEqual({
      kind: 'unavailable',
      reason: 'token_expired',
      problem: 'not_refreshed',
    });
    expect(arrived.main).toEqual([]);
  });

  it('RF-16: asks to sign in where it has no refresh token', async () => {
    await signIn({ ...before, refreshToken: null });
    expect(await ask()).toMatchObject({ kind: 'redirect', target: expect.stringContaining('/sign-in?') });
  });

  it.each([['refresh-1'], [null]])(
    'CK-05: without targets, as a version before this one sealed it, goes on as it is (refresh token: %s)',
    async (refreshToken) => {
      await signIn({ refreshToken });
      expect(await ask()).toMatchObject({ kind: 'continue', loaded: { kind: 'active' } });
      await page();
      expect(await call('main')).toEqual(ok);
      expect([arrived.main, server.tokenRequests]).toEqual([['Bearer access-token-1'], []]);
    },
  );
});

describe('CK-11: the tokens of three APIs that do not fit a cookie together', () => {
  let strict: StrictServer;

  /** Signs in, and uses each API from a page. */
  async function visitAll(chars: number): Promise<void> {
    strict = rotateStrictly(server);
    const { onTokenRequest } = server;
    server.onTokenRequest = ({ respond, ...request }) =>
      onTokenRequest?.({
        ...request,
        respond: (body, ...more) => {
          const { access_token, ...rest } = body as { access_token: string };
          respond({ ...rest, access_token: `${access_token}#${'a'.repeat(chars)}` }, ...more);
        },
      });
    await signIn({ accessToken: `access-token-1#${'a'.repeat(chars)}` });
    await visitRefresh('api=calendar');
    await visitRefresh('api=files');
    await pageOfAll();
  }

  async function pageOfAll(): Promise<void> {
    await page();
    for (const name of apiNames) expect(await call(name)).toEqual(ok);
    const chars = [...jar.cookies].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(chars).toBeLessThan(maxCookieChars);
  }

  it.each([2_500, 10_000])(
    'CK-11: go to the store (%i characters each): pages have all of them, before and after they expire',
    async (chars) => {
      await visitAll(chars);
      vi.setSystemTime((noonSec + 301) * 1000);
      const guarded = await guardPage(pageRequest('/dashboard'), jar);
      expect(guarded).toMatchObject({ kind: 'continue', loaded: { kind: 'active' } });
      await pageOfAll();
      expect(server.tokenRequests.map(({ form }) => form.get('resource'))).toEqual([
        audiences.calendar,
        audiences.files,
        audiences.main,
        audiences.calendar,
        audiences.files,
      ]);
      for (const name of apiNames) expect(new Set(arrived[name]).size).toBe(2);
    },
  );

  it('CK-11: serve a late request whose cookie still has the first token alone', async () => {
    await signIn();
    const late = createTestJar(jar.cookies);
    const { id } = (await readSession(late)) ?? {};
    await visitAll(2_500);
    jar = late;
    holdCookies(jar);
    for (const name of ['calendar', 'files']) await visitRefresh(`api=${name}`);
    await pageOfAll();
    expect([(await readSession(jar))?.id, strict.reused(), strict.sent.length]).toEqual([id, 0, 2]);
  });
});

describe('CA-08: an API that takes bound tokens alone, and a session with bearer tokens', () => {
  const dpopOnly = json({}, 401, { 'www-authenticate': 'DPoP algs="ES256"' });
  beforeEach(() => respondWith('main', dpopOnly));

  /** All APIs take bound tokens by now, and so does the server, or not. */
  function offerProofs(algorithms: string[]): void {
    offerMetadata(server, {}, { dpop_signing_alg_values_supported: algorithms });
    for (const name of apiNames) apis[name].handlers['/'] = dpopOnly;
  }

  it('CA-08: leads a page to the sign-in, with the reason, and the session goes on until then', async () => {
    offerProofs(['ES256']);
    await signIn();
    await page();
    await expect(call('main')).rejects.toMatchObject(redirects('/sign-in?reason=dpop_required'));
    expect((await readSession(jar))?.tokens.accessToken).toBe('access-token-1');
    expect(server.tokenRequests).toEqual([]);
  });

  it('CA-08: has an action ask to sign in', async () => {
    offerProofs(['ES256']);
    const caller: Caller = { jar: createTestJar(), session: await signIn() };
    const asked = runAs(caller, () => call('main'));
    await expect(asked).rejects.toMatchObject({ name: 'LoginRequiredError', reason: 'dpop_required' });
  });

  it.each([[[]], [['RS256']]])(
    'CA-08: is not available where the server takes proofs with %j: signing in again would not help',
    async (algorithms) => {
      offerProofs(algorithms);
      await signIn();
      await page();
      expect(await call('main')).toEqual({ kind: 'unavailable', reason: 'dpop_required' });
    },
  );
});

describe('RF-04: several refreshes within one action', () => {
  it('RF-04: settle nothing that the browser has not shown: a lost response signs no user out', async () => {
    const session = await signIn({ expiresAtSec: noonSec - 1, obtainedAtSec: noonSec - 301 });
    const caller: Caller = { jar: createTestJar(), session };
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(server.tokenRequests).toHaveLength(3);
    // The response is lost, and the user comes back with the old cookie a quarter of an hour later.
    vi.advanceTimersByTime(900_000);
    const back: Caller = { jar: createTestJar(), session };
    await runAs(back, async () => expect(await call('main')).toEqual(ok));
    expect(server.tokenRequests.at(-1)?.form.get('refresh_token')).toBe('refresh-4');
  });
});

describe('the gateway', () => {
  it('RF-05: asks the API that its upstream names, with the token for that one', async () => {
    await signIn();
    const route = {
      method: 'GET',
      path: [],
      accepts: ['application/json'],
      maxResponseBytes: 1_000,
    } as const;
    const upstream = { path: '/things', timeoutMs: 60_000, routes: [route] };
    const table: Upstreams = { things: upstream, files: { ...upstream, api: 'files' as 'main' } };
    const headers = {
      'x-strongroom': '1',
      'sec-fetch-site': 'same-origin',
      [clientAddressHeader()]: '192.0.2.1',
    };
    for (const name of ['things', 'files']) {
      const request = new Request(`https://app.example/api/gateway/${name}`, { headers });
      expect((await createGateway(table)(request)).status).toBe(200);
    }
    expect([arrived.main.length, arrived.files.length]).toEqual([1, 1]);
  });
});
