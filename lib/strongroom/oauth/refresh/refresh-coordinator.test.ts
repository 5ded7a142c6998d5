import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { budget } from '../../testing/fuzz-budget';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint, type TokenRequest } from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';
import { resultCache, toChainLink } from './result-cache';

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

/** Every refresh brings the next pair: access-2 and refresh-2, access-3 and refresh-3, … */
function rotate(): void {
  let number = 1;
  server.onTokenRequest = (request) => {
    number += 1;
    request.respond({ ...fresh, access_token: `access-${number}`, refresh_token: `refresh-${number}` });
  };
}

/** The refresh tokens that the server was sent, in order. */
function sentTokens(): (string | null)[] {
  return server.tokenRequests.map(({ form }) => form.get('refresh_token'));
}

const fresh = { access_token: 'access-2', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' };
const pass = (ms: number) => void vi.advanceTimersByTime(ms);
const resultOf = (refreshToken: string) =>
  resultCache.read(toChainLink({ ...buildTokens(), refreshToken }).key);

describe('refreshing with one refresh token', () => {
  it('RF-03: fifty parallel requests cause one refresh, and all get its tokens', async () => {
    const callers = Array.from({ length: 50 }, () => refreshTokens(sessionOf('refresh-1')));
    (await server.arrival()).respond(fresh);
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
    request.respond(fresh);
    await caller;
  });

  it('RF-04: a request that comes late with the old refresh token gets the tokens of the first', async () => {
    server.onTokenRequest = (request) => request.respond(fresh);
    const first = await refreshTokens(sessionOf('refresh-1'));
    pass(20_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    pass(39_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-04: … however long the tokens of the session are', async () => {
    server.onTokenRequest = (request) => request.respond({ ...fresh, access_token: 'a'.repeat(64_000) });
    const tokens = buildTokens({ refreshToken: 'refresh-1', idToken: 'i'.repeat(100_000) });
    await refreshTokens(buildSession({ tokens }));
    pass(20_000);
    expect(await refreshTokens(buildSession({ tokens }))).toMatchObject({
      kind: 'fresh',
      tokens: { refreshToken: 'refresh-2', idToken: null },
    });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-04, RF-15: hours after a response was lost, its browser is refreshed with the newest refresh token', async () => {
    rotate();
    await refreshTokens(sessionOf('refresh-1', 24));
    pass(3 * 3_600_000);
    expect(await refreshTokens(sessionOf('refresh-1', 24))).toMatchObject({
      tokens: { accessToken: 'access-3', refreshToken: 'refresh-3' },
    });
    expect(sentTokens()).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-04: once the new tokens were shown by the browser, the old ones lead to them for one more minute', async () => {
    rotate();
    const first = await refreshTokens(sessionOf('refresh-1'));
    pass(300_000);
    const tokens = first.kind === 'fresh' ? first.tokens : buildTokens();
    await refreshTokens(buildSession({ tokens }));
    pass(59_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toMatchObject({
      tokens: { refreshToken: 'refresh-3' },
    });
    expect(await resultOf('refresh-1')).not.toBeNull();
    pass(1_001);
    expect(await resultOf('refresh-1')).toBeNull();
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-17: access tokens of two seconds, without rotation, cause one refresh each and no loop', async () => {
    let number = 1;
    server.onTokenRequest = (request) => {
      number += 1;
      request.respond({ access_token: `access-${number}`, token_type: 'Bearer', expires_in: 2 });
    };
    for (let round = 2; round < 6; round += 1) {
      const results = await Promise.all([1, 2, 3].map(() => refreshTokens(sessionOf('refresh-1'))));
      for (const result of results)
        expect(result).toMatchObject({
          tokens: { accessToken: `access-${round}`, refreshToken: 'refresh-1' },
        });
      pass(2_000);
    }
    expect(server.tokenRequests).toHaveLength(4);
  });

  it('RF-16: a refresh token that has expired, as the server said it would, is not sent', async () => {
    const session = sessionOf('refresh-1');
    session.tokens.refreshEndsAtSec = noonSec;
    expect(await refreshTokens(session)).toEqual({ kind: 'login_required', reason: 'refresh_token_expired' });
    expect(server.tokenRequests).toEqual([]);
  });

  it('RF-16: a server may prolong the same refresh token, also for a cookie with its old expiry', async () => {
    server.onTokenRequest = (request) =>
      request.respond({
        access_token: 'access-2',
        token_type: 'Bearer',
        expires_in: 5,
        refresh_expires_in: 3_600,
      });
    const session = sessionOf('refresh-1', 24);
    session.tokens.refreshEndsAtSec = noonSec + 60;
    await refreshTokens(session);
    pass(120_000);
    expect(await refreshTokens(session)).toMatchObject({ kind: 'fresh' });
  });

  it('RF-06: without rotation, invalid_grant is final too, and the token is not sent again', async () => {
    let isRevoked = false;
    server.onTokenRequest = (request) =>
      isRevoked
        ? request.respond({ error: 'invalid_grant' }, 400)
        : request.respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 60 });
    await refreshTokens(sessionOf('refresh-1'));
    isRevoked = true;
    pass(61_000);
    const rejected = { kind: 'login_required', reason: 'invalid_grant' };
    for (let round = 0; round < 3; round += 1)
      expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(rejected);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-15: a browser that lost two responses in a row, long apart, stays signed in', async () => {
    rotate();
    const session = sessionOf('refresh-1', 24);
    await refreshTokens(session);
    pass(400_000);
    await refreshTokens(session);
    pass(400_000);
    expect(await refreshTokens(session)).toMatchObject({ tokens: { refreshToken: 'refresh-4' } });
    expect(sentTokens()).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
  });

  it('RC-02: an access token that the API rejected is not returned again, although it looks good', async () => {
    rotate();
    const session = sessionOf('refresh-1');
    const first = await refreshTokens(session, { rejectedToken: 'access-token-1' });
    expect(first).toMatchObject({ tokens: { accessToken: 'access-2' } });
    expect(await refreshTokens(session, { rejectedToken: 'access-token-1' })).toEqual(first);
    expect(await refreshTokens(session, { rejectedToken: 'access-2' })).toMatchObject({
      tokens: { accessToken: 'access-3' },
    });
    expect(sentTokens()).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-12: a refresh whose response was lost is sent once more, and succeeds', async () => {
    server.onTokenRequest = (request) => {
      if (server.tokenRequests.length === 1) request.response.destroy();
      else request.respond(fresh);
    };
    expect(await refreshTokens(sessionOf('refresh-1'), { rejectedToken: 'access-token-1' })).toMatchObject({
      kind: 'fresh',
    });
    expect(sentTokens()).toEqual(['refresh-1', 'refresh-1']);
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

  it('RF-02: over ten rotations, each new refresh token is sent once', async () => {
    let number = 1;
    server.onTokenRequest = (request) => {
      number += 1;
      request.respond({ ...fresh, refresh_token: `refresh-${number}` });
    };
    let token: string | null = 'refresh-1';
    for (let round = 0; round < 10; round += 1) {
      const result = await refreshTokens(sessionOf(token));
      token = result.kind === 'fresh' ? result.tokens.refreshToken : null;
    }
    expect(token).toBe('refresh-11');
    expect(new Set(server.tokenRequests.map(({ form }) => form.get('refresh_token'))).size).toBe(10);
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
    request.respond(fresh);
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
        byUser.get(`refresh-of-${user}`)?.respond({ ...fresh, access_token: `access-of-${user}` });
      for (const { user, result } of await Promise.all(calls))
        expect(result).toMatchObject({ kind: 'fresh', tokens: { accessToken: `access-of-${user}` } });
      expect(server.tokenRequests).toHaveLength(order.length);
    });
    await fc.assert(run, budget(20));
  });
});
