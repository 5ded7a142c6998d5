/** Refreshing at several instances at once, which have nothing in common but the store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeSession } from '../../session/revocations';
import type { Session } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { useEnvironment } from '../../testing/environment';
import { createTestKey, signIdToken } from '../../testing/id-tokens';
import { createInstances, type Instance } from '../../testing/instances';
import { offerRevocation } from '../../testing/revocation-endpoint';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../../testing/watched-store';
import { refreshTokens } from './refresh-coordinator';
import { cacheResult, refreshKey } from './result-cache';

let server: TokenEndpoint;
let store: WatchedStore;
let here: Instance;
let there: Instance;
let session: Session;

beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  store = watchStore();
  [here, there] = createInstances(2) as [Instance, Instance];
  server.restart();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  session = sessionOf('refresh-1');
});
afterEach(() => void vi.useRealTimers());

const fresh = { access_token: 'access-2', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' };
const refresh = () => refreshTokens(session);

/** Its access token has just ended: whoever asks waits as long as a page does. */
function sessionOf(refreshToken: string): Session {
  const user = { ...buildSession().user, issuer: server.origin };
  return buildSession({ user, tokens: buildTokens({ refreshToken, expiresAtSec: noonSec - 1 }) });
}

/** Resolves when somebody asked for the lock and did not get it. */
function refusalOfLock(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  store.before = (method) => {
    if (method === 'lock') count += 1;
    if (count === 2) resolve();
  };
  return promise;
}

/** One instance asks the server, and the other one waits for it. */
async function startBoth() {
  const first = here(refresh);
  const request = await server.arrival();
  const waited = refusalOfLock();
  const second = there(refresh);
  await waited;
  return { request, both: () => Promise.all([first, second]) };
}

describe('RF-03: two instances at once', () => {
  it('RF-03: send one request: the second waits, and gets the answer', async () => {
    const { request, both } = await startBoth();
    request.respond(fresh);
    const answer = { kind: 'fresh', tokens: { accessToken: 'access-2', refreshToken: 'refresh-2' } };
    expect(await both()).toMatchObject([answer, answer]);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-03: 50 requests over both are one request', async () => {
    const callers = Array.from({ length: 50 }, (_, number) => (number % 2 === 0 ? here : there)(refresh));
    (await server.arrival()).respond(fresh);
    for (const outcome of await Promise.all(callers))
      expect(outcome).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-03, RF-04: one that looked before the first landed looks again before it asks', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: looked, resolve: look } = Promise.withResolvers<void>();
    store.before = async (method) => {
      if (method !== 'lock') return;
      look();
      await gate;
    };
    const late = there(refresh);
    await looked;
    store.before = null;
    server.answer = (request) => request.respond(fresh);
    const first = await here(refresh);
    open();
    expect(await late).toEqual(first);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-06: the end of a grant is known at both', async () => {
    const { request, both } = await startBoth();
    request.respond({ error: 'invalid_grant' }, 400);
    expect(await both()).toEqual(Array(2).fill({ kind: 'ended', reason: 'token_invalid_grant' }));
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-07, RF-18: when the first one fails for now, the second waits a second too, and then asks', async () => {
    const { request, both } = await startBoth();
    request.respond({}, 503);
    expect(await both()).toEqual(Array(2).fill({ kind: 'later', reason: 'status_503' }));
    expect(server.tokenRequests).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    server.answer = (again) => again.respond(fresh);
    expect(await there(refresh)).toMatchObject({ kind: 'fresh' });
  });

  it('RF-03: when the first one dies, the second takes over after the life of its lock', async () => {
    await currentStore().lock(`lock:${refreshKey('refresh-1')}`, 'the dead', 6_000);
    const waited = refusalOfLock();
    const second = there(refresh);
    await waited;
    expect(server.tokenRequests).toHaveLength(0);
    vi.advanceTimersByTime(6_000);
    (await server.arrival()).respond(fresh);
    expect((await second).kind).toBe('fresh');
  });

  it('RF-06: who loses a race, because the store forgot the lock, looks again before calling it over', async () => {
    const loser = here(refresh);
    const request = await server.arrival();
    const tokens = buildTokens({ accessToken: 'access-of-the-winner', refreshToken: 'refresh-2' });
    await cacheResult(refreshKey('refresh-1'), { kind: 'fresh', tokens }, session);
    request.respond({ error: 'invalid_grant' }, 400);
    expect(await loser).toEqual({ kind: 'fresh', tokens });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-05: people at two instances never mix', async () => {
    const other = sessionOf('refresh-of-grace');
    const callers = [here(refresh), there(() => refreshTokens(other))];
    await server.arrival(2);
    for (const { form, respond } of server.tokenRequests.toReversed())
      respond({ ...fresh, access_token: `access-for-${form.get('refresh_token')}` });
    expect(await Promise.all(callers)).toMatchObject([
      { tokens: { accessToken: 'access-for-refresh-1' } },
      { tokens: { accessToken: 'access-for-refresh-of-grace' } },
    ]);
  });
});

describe('RF-13: signing out during a refresh', () => {
  it('RF-13: ends it for everybody who waits, at every instance, and the new refresh token is revoked once', async () => {
    const revoked = offerRevocation(server);
    const { request, both } = await startBoth();
    await revokeSession(session);
    request.respond(fresh);
    const ended = { kind: 'ended', reason: 'signed_out_elsewhere' };
    expect(await both()).toEqual([ended, ended]);
    expect(await here(refresh)).toEqual(ended);
    expect(revoked).toEqual(['refresh-2']);
  });
});

describe('RF-10: a refreshed ID token of somebody else', () => {
  it('RF-10, RF-19: gives no instance a token, and the refresh token that came with it is revoked', async () => {
    const key = await createTestKey();
    server.restart([key.jwk]);
    const revoked = offerRevocation(server);
    const id_token = await signIdToken({
      key,
      claims: { iss: server.origin, sub: 'user-2', nonce: undefined },
    });
    const { request, both } = await startBoth();
    request.respond({ ...fresh, id_token });
    expect(await both()).toEqual(Array(2).fill({ kind: 'ended', reason: 'refreshed_id_token_sub' }));
    expect(revoked).toEqual(['refresh-2']);
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('SE-15: a store that does not answer', () => {
  it.each([
    ['at all', () => true],
    ['when the lock is asked for', (method: string) => method === 'lock'],
  ])('SE-15: %s: later, and nothing is sent', async (_when, isMeant) => {
    store.goAway(isMeant);
    expect(await refresh()).toEqual({ kind: 'later', reason: 'store_timeout' });
    expect(server.tokenRequests).toEqual([]);
    store.comeBack();
    server.answer = (request) => request.respond(fresh);
    expect(await refresh()).toMatchObject({ kind: 'fresh' });
  });

  it('SE-15: after the request was sent: the answer still reaches everybody who waits for it', async () => {
    const callers = [here(refresh), here(refresh)];
    const request = await server.arrival();
    store.goAway();
    request.respond(fresh);
    for (const outcome of await Promise.all(callers))
      expect(outcome).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
  });
});
