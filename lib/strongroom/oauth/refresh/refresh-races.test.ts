/** Refreshes at two instances at once, which share nothing but the store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeSession } from '../../session/revocations';
import type { Session } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { useEnvironment } from '../../testing/environment';
import { createTestKey, signIdToken } from '../../testing/id-tokens';
import { createInstances, type Instance } from '../../testing/instances';
import { offerRevocation } from '../../testing/revocation-endpoint';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { secondTokens, startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../../testing/watched-store';
import { refreshTokens } from './refresh-coordinator';
import { resultCache, toChainLink } from './result-cache';

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
  // No page gives up waiting, and no lock expires, unless the test says so.
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
  session = sessionOf('refresh-1');
});
afterEach(() => void vi.useRealTimers());

const refresh = () => refreshTokens(session);

const { key } = toChainLink({ ...buildTokens(), refreshToken: 'refresh-1' });

function sessionOf(refreshToken: string): Session {
  const user = { ...buildSession().user, issuer: server.origin };
  return buildSession({ user, tokens: buildTokens({ refreshToken, expiresAtSec: noonSec - 1 }) });
}

/** Resolves when an instance found the lock taken, and tries again. */
function waitForLockTaken(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  store.before = (method) => {
    if (method === 'lock') count += 1;
    if (count === 2) resolve();
  };
  return promise;
}

/** One instance has sent its request, and the other one waits for its result. */
async function startBoth() {
  const first = here(refresh);
  const request = await server.arrival();
  const waited = waitForLockTaken();
  const second = there(refresh);
  await waited;
  return { request, both: () => Promise.all([first, second]) };
}

describe('RF-03: two instances at once', () => {
  it('RF-03: send one request: the second waits, and gets its tokens', async () => {
    const { request, both } = await startBoth();
    request.respond(secondTokens);
    const result = { kind: 'fresh', tokens: { accessToken: 'access-2', refreshToken: 'refresh-2' } };
    expect(await both()).toMatchObject([result, result]);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-03: fifty requests, half of them at each instance, cause one refresh', async () => {
    const callers = Array.from({ length: 50 }, (_, number) => (number % 2 === 0 ? here : there)(refresh));
    (await server.arrival()).respond(secondTokens);
    for (const result of await Promise.all(callers))
      expect(result).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-03, RF-04: an instance that reads the cache too early reads it again under the lock, and sends nothing', async () => {
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
    server.onTokenRequest = (request) => request.respond(secondTokens);
    const first = await here(refresh);
    open();
    expect(await late).toEqual(first);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-06: invalid_grant at one instance is known at the other', async () => {
    const { request, both } = await startBoth();
    request.respond({ error: 'invalid_grant' }, 400);
    expect(await both()).toEqual(Array(2).fill({ kind: 'login_required', reason: 'invalid_grant' }));
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-07, RF-18: after a failure at one instance, the other sends its request a second later', async () => {
    const { request, both } = await startBoth();
    request.respond({}, 503);
    expect(await both()).toEqual(Array(2).fill({ kind: 'retry_later', reason: 'status_503' }));
    expect(server.tokenRequests).toHaveLength(1);
    expect(await currentStore().get(`lock:${key}`)).toBeNull();
    vi.advanceTimersByTime(1_000);
    server.onTokenRequest = (again) => again.respond(secondTokens);
    expect(await there(refresh)).toMatchObject({ kind: 'fresh' });
  });

  it('RF-03: when an instance dies during its refresh, the other takes over once the lock has expired', async () => {
    await currentStore().lock(`lock:${key}`, 'an instance that died', 6_000);
    const waited = waitForLockTaken();
    const second = there(refresh);
    await waited;
    expect(server.tokenRequests).toHaveLength(0);
    vi.advanceTimersByTime(6_000);
    (await server.arrival()).respond(secondTokens);
    expect((await second).kind).toBe('fresh');
  });

  it('RF-06: an instance that lost its lock, and then gets invalid_grant, takes the tokens of the other', async () => {
    const loser = here(refresh);
    const request = await server.arrival();
    const tokens = { ...buildTokens({ accessToken: 'access-of-the-winner' }), refreshToken: 'refresh-2' };
    await resultCache.store(key, { kind: 'fresh', tokens, identity: null }, session);
    request.respond({ error: 'invalid_grant' }, 400);
    expect(await loser).toEqual({ kind: 'fresh', tokens, identity: null });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RF-05: users at two instances get their own tokens', async () => {
    const other = sessionOf('refresh-of-grace');
    const callers = [here(refresh), there(() => refreshTokens(other))];
    await server.arrival(2);
    for (const { form, respond } of server.tokenRequests.toReversed())
      respond({ ...secondTokens, access_token: `access-for-${form.get('refresh_token')}` });
    expect(await Promise.all(callers)).toMatchObject([
      { tokens: { accessToken: 'access-for-refresh-1' } },
      { tokens: { accessToken: 'access-for-refresh-of-grace' } },
    ]);
  });
});

describe('RF-13: signing out during a refresh', () => {
  it('RF-13: wins for every waiting request at both instances, and the new refresh token is revoked once', async () => {
    const revoked = offerRevocation(server);
    const { request, both } = await startBoth();
    await revokeSession(session);
    request.respond(secondTokens);
    const rejected = { kind: 'login_required', reason: 'signed_out_elsewhere' };
    expect(await both()).toEqual([rejected, rejected]);
    expect(await here(refresh)).toEqual(rejected);
    expect(revoked).toEqual(['refresh-2']);
  });
});

describe('RF-10: a refreshed ID token of another user', () => {
  it('RF-10, RF-19: gives neither instance a token, and the refresh token that came with it is revoked', async () => {
    const key = await createTestKey();
    server.restart([key.jwk]);
    const revoked = offerRevocation(server);
    const id_token = await signIdToken({
      key,
      claims: { iss: server.origin, sub: 'user-2', nonce: undefined },
    });
    const { request, both } = await startBoth();
    request.respond({ ...secondTokens, id_token });
    expect(await both()).toEqual(Array(2).fill({ kind: 'login_required', reason: 'refreshed_id_token_sub' }));
    expect(revoked).toEqual(['refresh-2']);
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('SE-15: a store that does not respond', () => {
  it.each([
    ['at all', () => true],
    ['when the lock is acquired', (method: string) => method === 'lock'],
  ])('SE-15: %s: no refresh is sent, and a later request refreshes', async (_when, isMeant) => {
    store.goAway(isMeant);
    expect(await refresh()).toEqual({ kind: 'retry_later', reason: 'store_timeout' });
    expect(server.tokenRequests).toEqual([]);
    store.comeBack();
    server.onTokenRequest = (request) => request.respond(secondTokens);
    expect(await refresh()).toMatchObject({ kind: 'fresh' });
  });

  it('SE-15: after the request was sent: its tokens still reach every waiting request', async () => {
    const callers = [here(refresh), here(refresh)];
    const request = await server.arrival();
    store.goAway();
    request.respond(secondTokens);
    for (const result of await Promise.all(callers))
      expect(result).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
  });
});
