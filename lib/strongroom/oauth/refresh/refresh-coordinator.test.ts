import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { budget } from '../../testing/fuzz-budget';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import {
  listSentTokens,
  secondTokens,
  startTokenEndpoint,
  type TokenEndpoint,
  type TokenRequest,
} from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';

let server: TokenEndpoint;

beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  // No page gives up waiting unless the test says so: `setTimeout` is held too.
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

function sessionOf(refreshToken: string | null, hours = 1): Session {
  return buildSession({ tokens: buildTokens({ refreshToken }), endsAtSec: noonSec + hours * 3600 });
}

const pass = (ms: number) => void vi.advanceTimersByTime(ms);

describe('refreshing with one refresh token', () => {
  it('RF-03: fifty parallel requests cause one refresh, and all get its tokens', async () => {
    const callers = Array.from({ length: 50 }, () => refreshTokens(sessionOf('refresh-1')));
    (await server.arrival()).respond(secondTokens);
    const results = await Promise.all(callers);
    expect(server.tokenRequests).toHaveLength(1);
    for (const result of results)
      expect(result).toMatchObject({
        kind: 'fresh',
        tokens: { accessToken: 'access-2', refreshToken: 'refresh-2' },
      });
  });

  it('RFC 6749 §6: the request has grant type and refresh token in its body, and the client’s credentials in its header', async () => {
    const caller = refreshTokens(sessionOf('refresh-1'));
    const request = await server.arrival();
    expect(Object.fromEntries(request.form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    });
    const credentials = atob(request.authorization?.slice('Basic '.length) ?? '');
    expect(decodeURIComponent(credentials)).toBe('client-1:kT5bW9qN2rV7xM4p');
    request.respond(secondTokens);
    await caller;
  });

  it('RF-12: a refresh whose response was lost is sent once more, and succeeds', async () => {
    server.onTokenRequest = (request) => {
      if (server.tokenRequests.length === 1) request.response.destroy();
      else request.respond(secondTokens);
    };
    expect(await refreshTokens(sessionOf('refresh-1'), { rejectedToken: 'access-token-1' })).toMatchObject({
      kind: 'fresh',
    });
    expect(listSentTokens(server)).toEqual(['refresh-1', 'refresh-1']);
  });

  it('RF-12: a server that rejects the repeated refresh is not sent a third one', async () => {
    server.onTokenRequest = (request) => {
      if (server.tokenRequests.length === 1) request.response.destroy();
      else request.respond({ error: 'invalid_grant' }, 400);
    };
    const rejected = { kind: 'login_required', reason: 'invalid_grant' };
    expect(await refreshTokens(sessionOf('refresh-1'), { rejectedToken: 'access-token-1' })).toEqual(
      rejected,
    );
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(rejected);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('TK-14: without a refresh token, an expired session sends no request', async () => {
    expect(await refreshTokens(sessionOf(null))).toEqual({
      kind: 'login_required',
      reason: 'no_refresh_token',
    });
    expect(server.requests).toEqual([]);
  });

  it('RF-06: invalid_grant is final for all requests, and the token is sent once', async () => {
    server.onTokenRequest = (request) => request.respond({ error: 'invalid_grant' }, 400);
    const rejected = { kind: 'login_required', reason: 'invalid_grant' };
    const results = await Promise.all([1, 2, 3].map(() => refreshTokens(sessionOf('refresh-1'))));
    expect(results).toEqual([rejected, rejected, rejected]);
    pass(30_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(rejected);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it.each([
    ['1.5 seconds while its access token works', 300, 1_500],
    ['8 seconds when its access token has expired', -1, 8_000],
  ])('RF-07: a page waits %s, and the refresh goes on without it', async (_how, lifetimeSec, waitMs) => {
    const session = sessionOf('refresh-1');
    session.tokens.expiresAtSec = noonSec + lifetimeSec;
    let isWaiting = true;
    const page = refreshTokens(session).finally(() => {
      isWaiting = false;
    });
    const request = await server.arrival();
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(isWaiting).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(await page).toEqual({ kind: 'retry_later', reason: 'still_waiting' });
    const next = refreshTokens(session);
    request.respond(secondTokens);
    expect(await next).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('refreshing for several users', () => {
  it('RF-05: each of 2 to 20 users who refresh at the same time gets their own tokens, in whatever order responses come', async () => {
    const users = fc.integer({ min: 2, max: 20 }).chain((count) =>
      fc.record({
        order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
        callsEach: fc.integer({ min: 1, max: 4 }),
      }),
    );
    const run = fc.asyncProperty(users, async ({ order, callsEach }) => {
      useEnvironment({ AUTH_ISSUER: server.origin });
      server.restart();
      const calls = order.flatMap((user) =>
        Array.from({ length: callsEach }, async () => ({
          user,
          result: await refreshTokens(sessionOf(`refresh-of-${user}`)),
        })),
      );
      await server.arrival(order.length);
      const byUser = new Map<string | null, TokenRequest>(
        server.tokenRequests.map((request) => [request.form.get('refresh_token'), request]),
      );
      for (const user of order.toReversed())
        byUser.get(`refresh-of-${user}`)?.respond({ ...secondTokens, access_token: `access-of-${user}` });
      for (const { user, result } of await Promise.all(calls))
        expect(result).toMatchObject({ kind: 'fresh', tokens: { accessToken: `access-of-${user}` } });
      expect(server.tokenRequests).toHaveLength(order.length);
    });
    await fc.assert(run, budget(20));
  });
});
