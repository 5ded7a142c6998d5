import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { createTestKey, type TestKey } from '../testing/id-tokens';
import { signLogoutToken } from '../testing/logout-tokens';
import { buildSession, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { revokeByLogoutToken } from './back-channel-logout';

let server: TokenEndpoint;
let key: TestKey;
let store: WatchedStore;
beforeAll(async () => {
  server = await startTokenEndpoint();
  key = await createTestKey();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  store = watchStore();
  server.restart([key.jwk]);
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const tokenWith = (claims: Record<string, unknown> = {}, atSec = noonSec) =>
  signLogoutToken({ key, claims: { iss: server.origin, ...claims }, atSec });
const send = async (claims: Record<string, unknown> = {}) =>
  revokeByLogoutToken(await tokenWith(claims), nobody);

/** A browser with a session that began a minute ago. */
async function signIn({ user, ...changes }: Partial<Session> = {}): Promise<TestJar> {
  const session = buildSession({
    startedAtMs: (noonSec - 60) * 1000,
    providerSessionId: 'sid-1',
    ...changes,
  });
  const jar = createTestJar();
  await writeSession(jar, { ...session, user: { ...session.user, issuer: server.origin, ...user } });
  return jar;
}

async function stateOf(jar: TestJar): Promise<string> {
  const found = await loadSession(jar);
  return isRejected(found) ? found.reason : found.kind;
}

/** A sender of unknown address. */
const nobody = new Headers();
const grace = () => ({ ...buildSession().user, issuer: server.origin, subject: 'user-2' });

describe('a logout token that is believed', () => {
  it('BL-01: ends the session at its next request', async () => {
    const jar = await signIn();
    expect(await send()).toEqual({ kind: 'ended' });
    expect(await stateOf(jar)).toBe('back_channel_logout');
  });

  it('BL-04: with a sid ends that session alone, also when sub is there too', async () => {
    const jar = await signIn();
    const others = [
      await signIn({ id: 'session-elsewhere-0123', providerSessionId: 'sid-2' }),
      await signIn({ id: 'session-without-sid-01', providerSessionId: null }),
      await signIn({ id: 'session-of-grace-01234', providerSessionId: 'sid-3', user: grace() }),
    ];
    await send({ sid: 'sid-1', sub: 'user-1' });
    expect(await stateOf(jar)).toBe('back_channel_logout');
    for (const other of others) expect(await stateOf(other)).toBe('active');
  });

  it('BL-04: with a sub alone ends everything of that person at that issuer, and of nobody else', async () => {
    const own = [
      await signIn(),
      await signIn({ id: 'session-elsewhere-0123', providerSessionId: 'sid-2' }),
      await signIn({ id: 'session-without-sid-01', providerSessionId: null }),
    ];
    const others = [
      await signIn({ id: 'session-of-grace-01234', user: grace() }),
      await signIn({ user: { ...buildSession().user, issuer: 'https://other.example' } }),
    ];
    await send({ sid: undefined });
    for (const jar of own) expect(await stateOf(jar)).toBe('back_channel_logout');
    for (const jar of others) expect(await stateOf(jar)).toBe('active');
  });

  it('BL-04: a sid that nobody has is answered like one that somebody has', async () => {
    const jar = await signIn();
    expect(await send({ sid: 'sid-of-nobody' })).toEqual({ kind: 'ended' });
    expect(await stateOf(jar)).toBe('active');
  });

  it('BL-07: with a sub, a session that began after the event goes on', async () => {
    const newer = await signIn({ startedAtMs: (noonSec - 9) * 1000 });
    const older = await signIn({ startedAtMs: (noonSec - 11) * 1000 });
    await send({ sid: undefined, iat: noonSec - 10 });
    expect([await stateOf(older), await stateOf(newer)]).toEqual(['back_channel_logout', 'active']);
  });

  it('BL-07: an event of a clock that is ahead ends nothing that begins from now on', async () => {
    await send({ sid: undefined, iat: noonSec + 50 });
    vi.setSystemTime(noonSec * 1000 + 1);
    expect(await stateOf(await signIn({ startedAtMs: noonSec * 1000 + 1 }))).toBe('active');
  });

  it('BL-07: the next sign-in, with a sid of its own, goes on', async () => {
    await send();
    expect(await stateOf(await signIn({ providerSessionId: 'sid-2' }))).toBe('active');
  });
});

describe('a logout token that is not believed', () => {
  it('BL-02: is rejected and ends nothing', async () => {
    const jar = await signIn();
    const forged = await signLogoutToken({
      key: await createTestKey('ES256', key.kid),
      claims: { iss: server.origin },
    });
    expect(await revokeByLogoutToken(forged, nobody)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_signature',
    });
    expect(await send({ nonce: 'n' })).toEqual({ kind: 'rejected', reason: 'logout_token_nonce' });
    expect(await revokeByLogoutToken('', nobody)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_malformed',
    });
    expect(await stateOf(jar)).toBe('active');
  });

  it('BL-02: the configured algorithm is the only one', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_SIGNING_ALG: 'RS256' });
    expect(await send()).toEqual({ kind: 'rejected', reason: 'logout_token_alg' });
  });

  it('BL-02: the same one again is a replay, for as long as it could be believed', async () => {
    const token = await tokenWith({ iat: noonSec + 60, exp: noonSec + 3_600 });
    expect(await revokeByLogoutToken(token, nobody)).toEqual({ kind: 'ended' });
    for (const sec of [0, 300, 719, 720]) {
      vi.setSystemTime((noonSec + sec) * 1000);
      expect(await revokeByLogoutToken(token, nobody)).toEqual({
        kind: 'rejected',
        reason: 'logout_token_replayed',
      });
    }
    vi.setSystemTime((noonSec + 721) * 1000);
    expect(await revokeByLogoutToken(token, nobody)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_iat',
    });
  });

  it('BL-02: sent twenty times at once it counts once', async () => {
    const token = await tokenWith();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => revokeByLogoutToken(token, nobody)));
    expect(outcomes.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
  });

  it('BL-02: a rejected one does not use up the jti of a good one', async () => {
    await send({ nonce: 'n' });
    expect(await send()).toEqual({ kind: 'ended' });
  });
});

describe('a logout token that cannot be judged now', () => {
  it('BL-02: the store fails: later, and the same one works afterwards', async () => {
    const jar = await signIn();
    const token = await tokenWith();
    store.goAway((method, storeKey) => method === 'set' && storeKey.startsWith('revoked:'));
    expect(await revokeByLogoutToken(token, nobody)).toMatchObject({ kind: 'later' });
    expect(await stateOf(jar)).toBe('active');
    store.comeBack();
    expect(await revokeByLogoutToken(token, nobody)).toEqual({ kind: 'ended' });
    expect(await stateOf(jar)).toBe('back_channel_logout');
  });

  it('SE-15: a store that is away altogether, or fails in a way nobody expected, is later too', async () => {
    store.goAway();
    expect(await send()).toEqual({ kind: 'later', reason: 'store_timeout' });
    store.before = () => {
      throw new TypeError('undefined is not a function');
    };
    expect(await send()).toEqual({ kind: 'later', reason: 'internal_error' });
  });

  it('DI-09: so are keys that cannot be had', async () => {
    server.answers['/keys'] = (_request, response) => response.writeHead(503).end();
    expect(await send()).toMatchObject({ kind: 'later' });
  });

  it('BL-05: more than 600 that are not believed in a minute are too many, and hold up no good one', async () => {
    for (let number = 0; number < 600; number += 1)
      expect((await revokeByLogoutToken('junk', nobody)).kind).toBe('rejected');
    expect(await revokeByLogoutToken('junk', nobody)).toMatchObject({ kind: 'rate_limited' });
    expect(await send()).toEqual({ kind: 'ended' });
    vi.setSystemTime((noonSec + 60) * 1000);
    expect((await revokeByLogoutToken('junk', nobody)).kind).toBe('rejected');
  });
});
