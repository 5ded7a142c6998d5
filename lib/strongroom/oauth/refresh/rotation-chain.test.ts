/** One refresh token after the other: late requests, lost responses, and servers that rotate or do not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { useEnvironment } from '../../testing/environment';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import {
  listSentTokens,
  rotateTokens,
  secondTokens,
  startTokenEndpoint,
  type TokenEndpoint,
} from '../../testing/token-endpoint';
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

const pass = (ms: number) => void vi.advanceTimersByTime(ms);
const resultOf = (refreshToken: string) =>
  resultCache.read(toChainLink({ ...buildTokens(), refreshToken }).key);

describe('refreshing with one refresh token', () => {
  it('RF-04: a request that comes late with the old refresh token gets the tokens of the first', async () => {
    server.onTokenRequest = (request) => request.respond(secondTokens);
    const first = await refreshTokens(sessionOf('refresh-1'));
    pass(20_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    pass(39_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-04: … however long the tokens of the session are', async () => {
    server.onTokenRequest = (request) =>
      request.respond({ ...secondTokens, access_token: 'a'.repeat(64_000) });
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
    rotateTokens(server);
    await refreshTokens(sessionOf('refresh-1', 24));
    pass(3 * 3_600_000);
    expect(await refreshTokens(sessionOf('refresh-1', 24))).toMatchObject({
      tokens: { accessToken: 'access-3', refreshToken: 'refresh-3' },
    });
    expect(listSentTokens(server)).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-04: once the new tokens were shown by the browser, the old ones lead to them for one more minute', async () => {
    rotateTokens(server);
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
    rotateTokens(server);
    const session = sessionOf('refresh-1', 24);
    await refreshTokens(session);
    pass(400_000);
    await refreshTokens(session);
    pass(400_000);
    expect(await refreshTokens(session)).toMatchObject({ tokens: { refreshToken: 'refresh-4' } });
    expect(listSentTokens(server)).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
  });

  it('RC-02: an access token that the API rejected is not returned again, although it looks good', async () => {
    rotateTokens(server);
    const session = sessionOf('refresh-1');
    const first = await refreshTokens(session, { rejectedToken: 'access-token-1' });
    expect(first).toMatchObject({ tokens: { accessToken: 'access-2' } });
    expect(await refreshTokens(session, { rejectedToken: 'access-token-1' })).toEqual(first);
    expect(await refreshTokens(session, { rejectedToken: 'access-2' })).toMatchObject({
      tokens: { accessToken: 'access-3' },
    });
    expect(listSentTokens(server)).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-02: over ten rotations, each new refresh token is sent once', async () => {
    rotateTokens(server);
    let token: string | null = 'refresh-1';
    for (let round = 0; round < 10; round += 1) {
      const result = await refreshTokens(sessionOf(token));
      token = result.kind === 'fresh' ? result.tokens.refreshToken : null;
    }
    expect(token).toBe('refresh-11');
    expect(new Set(listSentTokens(server)).size).toBe(10);
  });
});
