/** A session that was sealed before the APIs were changed: no API gets the token of another one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getApi } from '../config/config';
import { guardPage } from '../sign-in/guard-page';
import { type ApisAtWork, call, ok, openPage, startApisAtWork, visitRefresh } from '../testing/apis-at-work';
import { createTestJar } from '../testing/cookie-jar';
import { pageRequest } from '../testing/page-request';
import { readSession } from '../testing/read-session';
import { noonSec } from '../testing/sessions';
import { apiNames, audiences } from '../testing/three-apis';
import { type Caller, runAs } from './caller';

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

const redirects = (target: string) => ({ digest: expect.stringContaining(target) });

describe('RF-05: a session from before the APIs were changed', () => {
  const elsewhere = { expiresAtSec: noonSec + 300, obtainedAtSec: noonSec };
  const old = (name: string) => ({
    accessToken: `token of another ${name}`,
    ...elsewhere,
    target: 'another1',
  });
  const before = { target: 'another1', apiTokens: { calendar: old('calendar'), files: old('files') } };
  const ask = () => guardPage(pageRequest('/dashboard'), world.jar);

  it('RF-05: sends no token of another API: the first is refreshed before the page, and each other one when needed', async () => {
    await world.signIn(before);
    expect((await ask()).kind).toBe('continue');
    await openPage();
    expect(await call('main')).toEqual(ok);
    await expect(call('calendar')).rejects.toMatchObject(redirects('api=calendar'));
    expect(await visitRefresh('api=calendar')).toBe('https://app.example/dashboard');
    await openPage();
    expect(await call('calendar')).toEqual(ok);
    expect([world.arrived.main, world.arrived.calendar]).toEqual([
      [`Bearer ${audiences.main}#1`],
      [`Bearer ${audiences.calendar}#2`],
    ]);
    const { tokens } = (await readSession(world.jar)) ?? {};
    expect([tokens?.target, tokens?.apiTokens.calendar?.target]).toEqual([
      getApi('main').target,
      getApi('calendar').target,
    ]);
  });

  it('RF-05: has its tokens replaced in an action and by the gateway’s rules alike, one refresh for each', async () => {
    const caller: Caller = { jar: createTestJar(), session: await world.signIn(before) };
    await runAs(caller, async () => {
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
      for (const name of apiNames) expect(await call(name)).toEqual(ok);
    });
    expect(world.server.tokenRequests).toHaveLength(3);
    expect(world.arrived.main).toEqual(Array(2).fill(`Bearer ${audiences.main}#1`));
  });

  it('RF-07: says that data are not available while the server has no token, and is not signed out', async () => {
    await world.signIn(before);
    world.server.onTokenRequest = ({ respond }) => respond({}, 503);
    expect((await ask()).kind).toBe('continue');
    await openPage();
    expect(await call('main')).toEqual({
      kind: 'unavailable',
      reason: 'token_expired',
      problem: 'not_refreshed',
    });
    expect(world.arrived.main).toEqual([]);
  });

  it('RF-16: asks to sign in where it has no refresh token', async () => {
    await world.signIn({ ...before, refreshToken: null });
    expect(await ask()).toMatchObject({ kind: 'redirect', target: expect.stringContaining('/sign-in?') });
  });

  it.each([['refresh-1'], [null]])(
    'CK-05: without targets, as a version before this one sealed it, goes on as it is (refresh token: %s)',
    async (refreshToken) => {
      await world.signIn({ refreshToken });
      expect(await ask()).toMatchObject({ kind: 'continue', loaded: { kind: 'active' } });
      await openPage();
      expect(await call('main')).toEqual(ok);
      expect([world.arrived.main, world.server.tokenRequests]).toEqual([['Bearer access-token-1'], []]);
    },
  );
});
