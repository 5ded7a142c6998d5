/** An API for which the server gives no token: it costs no other one, and the server is not asked again and again. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import { getApi } from '../../config/config';
import { type RefreshQueue, startRefreshQueue, tokenOf } from '../../testing/refresh-queue';
import { noonSec } from '../../testing/sessions';
import { apiNames, audiences, rotateStrictly, type TestApiName } from '../../testing/three-apis';
import { classify } from './refresh-outcome';
import { toChainLink } from './result-cache';

let queue: RefreshQueue;
beforeAll(async () => {
  queue = await startRefreshQueue();
});
afterAll(() => queue.server.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
  queue.restart();
});
afterEach(() => void vi.useRealTimers());

describe('RF-11: an API for which the server gives no token', () => {
  const rejections: [string, unknown, number][] = [
    ['invalid_target', { error: 'invalid_target' }, 400],
    ['invalid_scope', { error: 'invalid_scope' }, 400],
    ['a code of its own', { error: 'access_denied', error_description: 'Service not found' }, 403],
  ];

  /** Rejects one API, and rotates for the others. */
  function reject(name: TestApiName, body: unknown, status: number): void {
    const rotate = queue.server.onTokenRequest;
    queue.server.onTokenRequest = (request) =>
      request.form.get('resource') === audiences[name] ? request.respond(body, status) : rotate?.(request);
  }

  it.each(rejections)('RF-11: by %s costs that API alone, and is asked once', async (_what, body, status) => {
    reject('calendar', body, status);
    const session = queue.sessionOf();
    const asked = apiNames.flatMap((name) => [
      queue.refreshedTokens(name, session),
      queue.refreshedTokens(name, session),
    ]);
    const all = await Promise.all(asked);
    expect(all.map((tokens) => tokenOf(tokens, 'calendar')).filter((token) => token === null)).not.toEqual(
      [],
    );
    const newest = await queue.refreshedTokens('files', session);
    expect(tokenOf(newest, 'main')).toContain(audiences.main);
    expect(tokenOf(newest, 'files')).toContain(audiences.files);
    expect(queue.server.tokenRequests).toHaveLength(3);
    expect(queue.strict.reused()).toBe(0);
  });

  it('RF-11: by invalid_scope is no failure of the operator: users decline', async () => {
    const warnings = vi.spyOn(log, 'logWarning').mockImplementation(() => {});
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    reject('calendar', { error: 'invalid_scope' }, 400);
    await queue.refreshedTokens('calendar', queue.sessionOf());
    const named = { api: 'calendar', permissions: 'read:events' };
    expect([warnings.mock.calls, failures.mock.calls]).toEqual([[['permission_not_granted', named]], []]);
    vi.restoreAllMocks();
  });

  it('RF-18: is asked again after five minutes, and not before', async () => {
    reject('calendar', { error: 'invalid_target' }, 400);
    const session = queue.sessionOf();
    const paused = await queue.refreshedTokens('calendar', session);
    vi.setSystemTime((noonSec + 299) * 1000);
    await queue.refreshedTokens('calendar', { ...session, tokens: paused });
    expect(queue.server.tokenRequests).toHaveLength(1);
    vi.setSystemTime((noonSec + 301) * 1000);
    queue.strict = rotateStrictly(queue.server);
    const tokens = await queue.refreshedTokens('calendar', { ...session, tokens: paused });
    expect(tokenOf(tokens, 'calendar')).toBe(`${audiences.calendar}#1`);
  });

  /** Of the refresh of a user of their own. @returns whether the server was asked */
  async function isAskedFor(user: string, name: TestApiName = 'calendar'): Promise<boolean> {
    const before = queue.server.tokenRequests.length;
    const session = queue.sessionOf({ refreshToken: `refresh-of-${user}` });
    await queue.refresh(name, {
      ...session,
      user: { ...session.user, subject: user.split('-at-')[0] ?? '' },
    });
    return queue.server.tokenRequests.length > before;
  }
  const later = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);

  it('RF-11: by invalid_target, where it may spend the refresh token, is asked by two users and not by each', async () => {
    queue.server.onTokenRequest = ({ form, respond }) =>
      form.get('resource') === audiences.main
        ? respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 })
        : respond({ error: 'invalid_target' }, 400);
    expect([await isAskedFor('ada'), await isAskedFor('mary')]).toEqual([true, true]);
    const tokens = await queue.refreshedTokens(
      'calendar',
      queue.sessionOf({ refreshToken: 'refresh-of-grace' }),
    );
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-of-grace']);
    expect(queue.server.tokenRequests).toHaveLength(2);
    expect([await isAskedFor('alan', 'main'), await isAskedFor('alan', 'files')]).toEqual([true, true]);
    later(301);
    expect([await isAskedFor('tim'), await isAskedFor('linus')]).toEqual([true, false]);
    later(301 + 599);
    expect(await isAskedFor('barbara')).toBe(false);
    later(301 + 601);
    expect(await isAskedFor('margaret')).toBe(true);
  });

  it('RF-11: by invalid_target to one user, while others are given it, is asked for each of them', async () => {
    const respondTo = (isGiven: (user: string) => boolean) => {
      queue.server.onTokenRequest = ({ form, respond }) =>
        isGiven(form.get('refresh_token') ?? '')
          ? respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 })
          : respond({ error: 'invalid_target' }, 400);
    };
    respondTo((user) => user.endsWith('-ada'));
    expect([await isAskedFor('ada'), await isAskedFor('grace'), await isAskedFor('alan')]).toEqual([
      true,
      true,
      true,
    ]);
    // The server forgot that API.
    respondTo(() => false);
    later(3_601);
    expect([await isAskedFor('tim'), await isAskedFor('alan'), await isAskedFor('linus')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('RF-11: by invalid_target to one user, in however many sessions, is given to another one', async () => {
    queue.server.onTokenRequest = ({ form, respond }) =>
      form.get('refresh_token')?.startsWith('refresh-of-ada')
        ? respond({ error: 'invalid_target' }, 400)
        : respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 });
    for (const session of ['ada', 'ada-at-work', 'ada-at-home']) expect(await isAskedFor(session)).toBe(true);
    expect(await isAskedFor('grace')).toBe(true);
  });

  it('RF-11: the first API too: the others send the refresh token', async () => {
    reject('main', { error: 'invalid_target' }, 400);
    const session = queue.sessionOf();
    const [main, calendar] = await Promise.all([
      queue.refresh('main', session),
      queue.refresh('calendar', session),
    ]);
    expect(main).toEqual({ kind: 'retry_later', reason: 'invalid_target' });
    expect(calendar).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
  });

  it('RF-06: invalid_grant for another API costs that API alone, and for the first one ends the session', async () => {
    queue.server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    const session = queue.sessionOf();
    const tokens = await queue.refreshedTokens('calendar', session);
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-1']);
    const result = await queue.refresh('main', session);
    expect(result).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(queue.server.tokenRequests).toHaveLength(2);
  });

  it('RF-05: what a refresh on the way said about the user stays with the tokens of another API', async () => {
    const { user, claims } = queue.sessionOf();
    const identity = { user, claims, roles: ['reader'] };
    const tokens = { ...queue.sessionOf().tokens, refreshToken: 'refresh-1' };
    const link = toChainLink(tokens, identity);
    const refresh = { session: queue.sessionOf(), link, api: getApi('calendar') };
    expect(await classify(refresh, { kind: 'fresh', tokens })).toMatchObject({ identity });
  });
});
