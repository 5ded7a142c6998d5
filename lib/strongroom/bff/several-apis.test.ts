/** Several APIs, one session: at the wire, each token goes to its own API, and one that fails costs no other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { recordReplacement } from '../session/revocations';
import { fingerprintOf } from '../session/token-fingerprint';
import { guardPage } from '../sign-in/guard-page';
import { type ApisAtWork, call, ok, openPage, startApisAtWork, visitRefresh } from '../testing/apis-at-work';
import { createTestJar } from '../testing/cookie-jar';
import { json } from '../testing/http-server';
import { pageRequest } from '../testing/page-request';
import { readSession } from '../testing/read-session';
import { buildSession, noonSec } from '../testing/sessions';
import { allScopes, apiNames, audiences } from '../testing/three-apis';
import { type Caller, runAs } from './caller';
import { createGateway } from './gateway/gateway-request';
import type { Upstreams } from './gateway/upstreams';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));
vi.mock('react', () => import('../testing/page-render'));

let world: ApisAtWork;
beforeAll(async () => {
  world = await startApisAtWork();
});
afterAll(() => world.close());
beforeEach(() => {
  world.restart();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
});
afterEach(() => {
  expect(world.listMisdirected()).toEqual([]);
  vi.useRealTimers();
});

const rejected = json({}, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
const delayed = /^https:\/\/app\.example\/sign-in\/problem\?code=temporarily_unavailable&/;
const redirects = (target: string) => ({ digest: expect.stringContaining(target) });

describe('RF-01: a page', () => {
  it('RF-01: that needs an API for the first time gets a token by the refresh route, and comes back', async () => {
    await world.signIn();
    await openPage();
    expect(await call('main')).toEqual(ok);
    await expect(call('calendar')).rejects.toMatchObject(
      redirects('/auth/refresh?return_to=%2Fdashboard&api=calendar'),
    );
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await openPage();
    expect([await call('main'), await call('calendar')]).toEqual([ok, ok]);
    expect(world.server.tokenRequests).toHaveLength(1);
  });

  it('RF-01: has every token that the session holds refreshed before it, and is not prefetched meanwhile', async () => {
    const old = {
      accessToken: `${audiences.calendar}#0`,
      expiresAtSec: noonSec - 1,
      obtainedAtSec: noonSec - 301,
    };
    await world.signIn({ apiTokens: { calendar: old } });
    const ask = (headers: Record<string, string> = {}) =>
      guardPage(pageRequest('/dashboard', { headers }), world.jar);
    expect(await ask({ 'sec-purpose': 'prefetch' })).toEqual({ kind: 'prefetch_not_served' });
    expect(world.server.tokenRequests).toHaveLength(0);
    expect((await ask()).kind).toBe('continue');
    expect(world.server.tokenRequests.map(({ form }) => form.get('resource'))).toEqual([audiences.calendar]);
    await openPage();
    expect(await call('calendar')).toEqual(ok);
  });

  it('RF-11: for which the server gives no token says so, without asking again and again', async () => {
    await world.signIn();
    world.server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_target' }, 400);
    for (let view = 0; view < 3; view += 1) {
      await visitRefresh('api=calendar');
      await openPage();
      expect(await call('calendar')).toEqual({
        kind: 'unavailable',
        reason: 'no_access_token',
        problem: 'no_token',
      });
      expect(await call('main')).toEqual(ok);
    }
    expect(world.server.tokenRequests).toHaveLength(1);
    expect(world.arrived.calendar).toEqual([]);
  });

  it('AZ-10: whose API the sign-in left out asks for none of its permissions: the sign-in would leave it out again', async () => {
    const scopes = allScopes.filter((scope) => scope !== 'read:events');
    const leftOut = { accessToken: null, expiresAtSec: buildSession().endsAtSec, obtainedAtSec: noonSec };
    await world.signIn({ scopes, apiTokens: { calendar: leftOut } });
    await openPage();
    expect(await call('calendar')).toMatchObject({ kind: 'unavailable', reason: 'no_access_token' });
  });

  it('RF-07: shows the rest while the server has no token for one API now, and asks again soon', async () => {
    await world.signIn();
    world.server.onTokenRequest = ({ respond }) => respond({}, 503);
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await openPage();
    expect([await call('main'), (await call('calendar')).kind]).toEqual([ok, 'unavailable']);
    vi.setSystemTime((noonSec + 11) * 1000);
    await openPage();
    await expect(call('calendar')).rejects.toMatchObject(redirects('api=calendar'));
  });

  it('SE-01: whose session was replaced while the server took its time writes no cookie over the newer one, and is not led in circles', async () => {
    const session = await world.signIn();
    world.server.onTokenRequest = async ({ respond }) => {
      await recordReplacement(session);
      respond({}, 503);
    };
    const cookiesBefore = JSON.stringify([...world.jar.cookies]);
    expect(await visitRefresh('api=calendar')).toMatch(delayed);
    expect(JSON.stringify([...world.jar.cookies])).toBe(cookiesBefore);
  });

  it.each([['fetches its first token'], ['answers 401']])(
    'SE-01: whose session is replaced already, when an API %s, comes to rest at the problem page',
    async (what) => {
      await world.signIn();
      if (what === 'answers 401') await visitRefresh('api=calendar');
      const session = await readSession(world.jar);
      if (session === null) throw new Error('no session');
      await recordReplacement(session);
      const token = session.tokens.apiTokens.calendar?.accessToken;
      const query = token == null ? '' : `&rejected=${fingerprintOf(token)}`;
      expect(await visitRefresh(`api=calendar${query}`)).toMatch(delayed);
    },
  );

  it('RF-11: of a user who has none of its permissions asks for one, and no server', async () => {
    await world.signIn({ scopes: ['openid', 'read:contacts'] });
    await openPage();
    expect(await call('files')).toEqual({ kind: 'insufficient_scope', scope: 'read:files' });
    expect([world.server.tokenRequests, world.arrived.files]).toEqual([[], []]);
  });

  it('RF-16: of a session without a refresh token has only the first API', async () => {
    await world.signIn({ refreshToken: null });
    await openPage();
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
    const caller: Caller = { jar: createTestJar(), session: await world.signIn() };
    let count = 0;
    world.respondWith('files', (...exchange) => {
      count += 1;
      return (count === 1 ? rejected : json({ a: 1 }))(...exchange);
    });
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(world.arrived.files).toEqual([`Bearer ${audiences.files}#2`, `Bearer ${audiences.files}#3`]);
    expect(world.arrived.main).toEqual(['Bearer access-token-1']);
    expect(caller.session.tokenReplacedAtSec).toBeNull();
    expect(caller.session.apiTokensReplacedAtSec).toEqual({ files: noonSec });
  });

  it('RC-02: from a page leads through the refresh route with the name of that API', async () => {
    await world.signIn();
    await visitRefresh('api=files');
    world.respondWith('files', rejected);
    await openPage();
    await expect(call('files')).rejects.toMatchObject(redirects('api=files&rejected='));
    const kept = (await readSession(world.jar))?.tokens.accessToken;
    expect(kept).toBe('access-token-1');
  });
});

describe('RF-04: several refreshes within one action', () => {
  it('RF-04: settle nothing that the browser has not shown: a lost response signs no user out', async () => {
    const session = await world.signIn({ expiresAtSec: noonSec - 1, obtainedAtSec: noonSec - 301 });
    const caller: Caller = { jar: createTestJar(), session };
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(world.server.tokenRequests).toHaveLength(3);
    // The response is lost, and the user comes back with the old cookie a quarter of an hour later.
    vi.advanceTimersByTime(900_000);
    const back: Caller = { jar: createTestJar(), session };
    await runAs(back, async () => expect(await call('main')).toEqual(ok));
    expect(world.server.tokenRequests.at(-1)?.form.get('refresh_token')).toBe('refresh-4');
  });
});

describe('the gateway', () => {
  it('RF-05: asks the API that its upstream names, with the token for that one', async () => {
    await world.signIn();
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
    expect([world.arrived.main.length, world.arrived.files.length]).toEqual([1, 1]);
  });
});
