import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { useEnvironment } from '../../testing/environment';
import { budget } from '../../testing/fuzz-budget';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint, type TokenRequest } from '../../testing/token-endpoint';
import { refreshTokens } from './refresh-coordinator';
import { refreshKey } from './result-cache';

let server: TokenEndpoint;

beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

function sessionOf(refreshToken: string | null, hours = 1): Session {
  return buildSession({ tokens: buildTokens({ refreshToken }), endsAtSec: noonSec + hours * 3600 });
}

/** Every refresh brings the next pair: access-2 and refresh-2, access-3 and refresh-3, … */
function rotate(): void {
  let number = 1;
  server.answer = (request) => {
    number += 1;
    request.respond({ ...fresh, access_token: `access-${number}`, refresh_token: `refresh-${number}` });
  };
}

function askedWith(): (string | null)[] {
  return server.tokenRequests.map(({ form }) => form.get('refresh_token'));
}

const fresh = { access_token: 'access-2', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' };
const wait = (ms: number) => void vi.advanceTimersByTime(ms);

describe('refreshing with one refresh token', () => {
  it('RF-03: 50 parallel requests are one request, and all get its answer', async () => {
    const callers = Array.from({ length: 50 }, () => refreshTokens(sessionOf('refresh-1')));
    (await server.arrival()).respond(fresh);
    const outcomes = await Promise.all(callers);
    expect(server.tokenRequests).toHaveLength(1);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        kind: 'fresh',
        tokens: { accessToken: 'access-2', refreshToken: 'refresh-2' },
      });
  });

  it('RFC 6749 §6: the request names the grant, the token and the client, and nothing in the address', async () => {
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

  it('RF-04: a late request with the old token gets the remembered answer for a minute', async () => {
    server.answer = (request) => request.respond(fresh);
    const first = await refreshTokens(sessionOf('refresh-1'));
    wait(20_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    wait(39_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(first);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-04, RF-15: an answer that never arrived is there for as long as its browser may come back', async () => {
    rotate();
    await refreshTokens(sessionOf('refresh-1', 24));
    wait(3 * 3_600_000);
    // The first answer is followed to its refresh token, which is then used for the first time.
    expect(await refreshTokens(sessionOf('refresh-1', 24))).toMatchObject({
      tokens: { accessToken: 'access-3', refreshToken: 'refresh-3' },
    });
    expect(askedWith()).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-04: once the new tokens were used, the old one is remembered for a minute more', async () => {
    rotate();
    const first = await refreshTokens(sessionOf('refresh-1'));
    wait(300_000);
    const tokens = first.kind === 'fresh' ? first.tokens : buildTokens();
    await refreshTokens(buildSession({ tokens }));
    wait(59_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toMatchObject({
      tokens: { refreshToken: 'refresh-3' },
    });
    expect(await currentStore().get(`refresh-result:${refreshKey('refresh-1')}`)).not.toBeNull();
    wait(1_001);
    expect(await currentStore().get(`refresh-result:${refreshKey('refresh-1')}`)).toBeNull();
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-17: a server that does not rotate, with tokens of two seconds, is asked once for each', async () => {
    let number = 1;
    server.answer = (request) => {
      number += 1;
      request.respond({ access_token: `access-${number}`, token_type: 'Bearer', expires_in: 2 });
    };
    for (let round = 2; round < 6; round += 1) {
      const outcomes = await Promise.all([1, 2, 3].map(() => refreshTokens(sessionOf('refresh-1'))));
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({
          tokens: { accessToken: `access-${round}`, refreshToken: 'refresh-1' },
        });
      wait(2_000);
    }
    expect(server.tokenRequests).toHaveLength(4);
  });

  it('RF-16: a refresh token that has ended, as the server said it would, is not asked with', async () => {
    const session = sessionOf('refresh-1');
    session.tokens.refreshEndsAtSec = noonSec;
    expect(await refreshTokens(session)).toEqual({ kind: 'ended', reason: 'refresh_token_expired' });
    expect(server.tokenRequests).toEqual([]);
  });

  it('RF-16: a server that prolongs the same refresh token is believed, and the old end is forgotten', async () => {
    server.answer = (request) =>
      request.respond({
        access_token: 'access-2',
        token_type: 'Bearer',
        expires_in: 5,
        refresh_expires_in: 3_600,
      });
    const session = sessionOf('refresh-1', 24);
    session.tokens.refreshEndsAtSec = noonSec + 60;
    await refreshTokens(session);
    // Its answer was lost; the cookie still has the old end.
    wait(120_000);
    expect(await refreshTokens(session)).toMatchObject({ kind: 'fresh' });
  });

  it('RF-06: a server that does not rotate ends the session too, and is asked once', async () => {
    let isRevoked = false;
    server.answer = (request) =>
      isRevoked
        ? request.respond({ error: 'invalid_grant' }, 400)
        : request.respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 60 });
    await refreshTokens(sessionOf('refresh-1'));
    isRevoked = true;
    wait(61_000);
    const ended = { kind: 'ended', reason: 'invalid_grant' };
    for (let round = 0; round < 3; round += 1)
      expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(ended);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-15: two answers that were lost in a row, long apart, lose nobody', async () => {
    rotate();
    const session = sessionOf('refresh-1', 24);
    await refreshTokens(session);
    wait(400_000);
    await refreshTokens(session);
    wait(400_000);
    expect(await refreshTokens(session)).toMatchObject({ tokens: { refreshToken: 'refresh-4' } });
    expect(askedWith()).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
  });

  it('RC-02: a token that the API rejected is never given again, though it looks good', async () => {
    rotate();
    const session = sessionOf('refresh-1');
    const first = await refreshTokens(session, 'access-token-1');
    expect(first).toMatchObject({ tokens: { accessToken: 'access-2' } });
    expect(await refreshTokens(session, 'access-token-1')).toEqual(first);
    expect(await refreshTokens(session, 'access-2')).toMatchObject({ tokens: { accessToken: 'access-3' } });
    expect(askedWith()).toEqual(['refresh-1', 'refresh-2']);
  });

  it('RF-12: an answer that was lost on the way is asked for once more, and nobody notices', async () => {
    server.answer = (request) => {
      if (server.tokenRequests.length === 1) request.response.destroy();
      else request.respond(fresh);
    };
    expect(await refreshTokens(sessionOf('refresh-1'), 'access-token-1')).toMatchObject({ kind: 'fresh' });
    expect(askedWith()).toEqual(['refresh-1', 'refresh-1']);
  });

  it('RF-12: where the lost answer was the only one, the session ends, without a loop', async () => {
    server.answer = (request) => {
      if (server.tokenRequests.length === 1) request.response.destroy();
      else request.respond({ error: 'invalid_grant' }, 400);
    };
    const ended = { kind: 'ended', reason: 'invalid_grant' };
    expect(await refreshTokens(sessionOf('refresh-1'), 'access-token-1')).toEqual(ended);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(ended);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-02: rotation goes on: each new token is asked with once', async () => {
    let number = 1;
    server.answer = (request) => {
      number += 1;
      request.respond({ ...fresh, refresh_token: `refresh-${number}` });
    };
    let token: string | null = 'refresh-1';
    for (let round = 0; round < 10; round += 1) {
      const outcome = await refreshTokens(sessionOf(token));
      token = outcome.kind === 'fresh' ? outcome.tokens.refreshToken : null;
    }
    expect(token).toBe('refresh-11');
    expect(new Set(server.tokenRequests.map(({ form }) => form.get('refresh_token'))).size).toBe(10);
  });

  it('TK-14: without a refresh token the session is over, and nobody is asked', async () => {
    expect(await refreshTokens(sessionOf(null))).toEqual({ kind: 'ended', reason: 'no_refresh_token' });
    expect(server.requests).toEqual([]);
  });

  it('RF-06: invalid_grant ends the session, and is asked for once', async () => {
    server.answer = (request) => request.respond({ error: 'invalid_grant' }, 400);
    const ended = { kind: 'ended', reason: 'invalid_grant' };
    expect(await Promise.all([1, 2, 3].map(() => refreshTokens(sessionOf('refresh-1'))))).toEqual([
      ended,
      ended,
      ended,
    ]);
    wait(30_000);
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual(ended);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('a page that has waited long enough goes on; the refresh does too, and its answer is kept', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
    const caller = refreshTokens(sessionOf('refresh-1'));
    const request = await server.arrival();
    vi.advanceTimersByTime(8_000);
    expect(await caller).toEqual({ kind: 'later', reason: 'still_waiting' });
    vi.useRealTimers();
    const next = refreshTokens(sessionOf('refresh-1'));
    request.respond(fresh);
    expect(await next).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('refreshing for several people', () => {
  it('RF-05: 2 to 20 people who refresh at the same time, answered in any order, never mix', async () => {
    const people = fc.integer({ min: 2, max: 20 }).chain((count) =>
      fc.record({
        order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
        callsEach: fc.integer({ min: 1, max: 4 }),
      }),
    );
    const run = fc.asyncProperty(people, async ({ order, callsEach }) => {
      useEnvironment({ AUTH_ISSUER: server.origin });
      server.restart();
      const calls = order.flatMap((person) =>
        Array.from({ length: callsEach }, async () => ({
          person,
          outcome: await refreshTokens(sessionOf(`refresh-of-${person}`)),
        })),
      );
      await server.arrival(order.length);
      const byPerson = new Map<string | null, TokenRequest>(
        server.tokenRequests.map((request) => [request.form.get('refresh_token'), request]),
      );
      for (const person of order.toReversed())
        byPerson.get(`refresh-of-${person}`)?.respond({ ...fresh, access_token: `access-of-${person}` });
      for (const { person, outcome } of await Promise.all(calls))
        expect(outcome).toMatchObject({ kind: 'fresh', tokens: { accessToken: `access-of-${person}` } });
      expect(server.tokenRequests).toHaveLength(order.length);
    });
    await fc.assert(run, budget(20));
  });
});

describe('a failure that passes', () => {
  const failures: [name: string, answer: (request: TokenRequest) => void, reason: string][] = [
    ['500', (request) => request.respond({}, 500), 'status_500'],
    ['503 with Retry-After', (request) => request.respond({}, 503, { 'retry-after': '5' }), 'status_503'],
    ['429', (request) => request.respond({}, 429), 'status_429'],
    ['408', (request) => request.respond({}, 408), 'status_408'],
    ['a reset connection', ({ response }) => void response.destroy(), 'network'],
    [
      'HTML',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'token_response_not_json',
    ],
    [
      'a redirect',
      ({ response }) => void response.writeHead(302, { location: '/elsewhere' }).end(),
      'redirect',
    ],
    ['an answer of 2 MB', ({ response }) => void response.end('a'.repeat(2_000_000)), 'body_too_large'],
    [
      'an access token of another type',
      (request) => request.respond({ ...fresh, token_type: 'mac' }),
      'token_type',
    ],
    [
      'RF-08 invalid_client',
      (request) => request.respond({ error: 'invalid_client' }, 401),
      'invalid_client',
    ],
    [
      'RF-08 unauthorized_client',
      (request) => request.respond({ error: 'unauthorized_client' }, 400),
      'unauthorized_client',
    ],
  ];

  it.each(failures)(
    'RF-07: %s keeps the session for later, and heals by itself',
    async (_name, answer, reason) => {
      server.answer = answer;
      expect(await refreshTokens(sessionOf('refresh-1'))).toEqual({ kind: 'later', reason });
      server.answer = (request) => request.respond(fresh);
      // Longest first rest: a second, or the five that the server asked for, and a quarter of it by chance.
      wait(6_251);
      expect(await refreshTokens(sessionOf('refresh-1'))).toMatchObject({ kind: 'fresh' });
      expect(server.countOf('/elsewhere')).toBe(0);
    },
  );

  it('RF-18: the server is left in peace for a second after a failure', async () => {
    server.answer = (request) => request.respond({}, 503);
    for (let number = 0; number < 20; number += 1) await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(1);
    wait(999);
    await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(1);
    wait(252);
    await refreshTokens(sessionOf('refresh-1'));
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('RF-18: one person’s failure makes nobody else wait', async () => {
    server.answer = (request) => request.respond({}, 503);
    await refreshTokens(sessionOf('refresh-1'));
    server.answer = (request) => request.respond(fresh);
    expect(await refreshTokens(sessionOf('refresh-of-grace'))).toMatchObject({ kind: 'fresh' });
  });

  it('RF-07: discovery that fails keeps the session for later', async () => {
    server.answers['/.well-known/openid-configuration'] = (_request, response) => void response.destroy();
    expect(await refreshTokens(sessionOf('refresh-1'))).toEqual({ kind: 'later', reason: 'network' });
  });
});
