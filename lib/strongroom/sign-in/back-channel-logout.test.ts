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
  revokeByLogoutToken(await tokenWith(claims), sender);

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

/** Headers of a request from an unknown address. */
const sender = new Headers();
const grace = () => ({ ...buildSession().user, issuer: server.origin, subject: 'user-2' });

describe('a valid logout token', () => {
  it('BL-01: revokes the session, which shows at its next request', async () => {
    const jar = await signIn();
    expect(await send()).toEqual({ kind: 'revoked' });
    expect(await stateOf(jar)).toBe('back_channel_logout');
  });

  it('BL-04: with a sid revokes that session alone, also when sub is there too', async () => {
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

  it('BL-04: with a sub alone revokes every session of that user at that issuer, and no session of another user', async () => {
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

  it('BL-04: with an unknown sid gets the same result as with a known one', async () => {
    const jar = await signIn();
    expect(await send({ sid: 'sid-unknown' })).toEqual({ kind: 'revoked' });
    expect(await stateOf(jar)).toBe('active');
  });

  it('BL-07: with a sub, a session that began after the event goes on', async () => {
    const newer = await signIn({ startedAtMs: (noonSec - 9) * 1000 });
    const older = await signIn({ startedAtMs: (noonSec - 11) * 1000 });
    await send({ sid: undefined, iat: noonSec - 10 });
    expect([await stateOf(older), await stateOf(newer)]).toEqual(['back_channel_logout', 'active']);
  });

  it('BL-07: from a server whose clock is fast revokes no session that begins from now on', async () => {
    await send({ sid: undefined, iat: noonSec + 50 });
    vi.setSystemTime(noonSec * 1000 + 1);
    expect(await stateOf(await signIn({ startedAtMs: noonSec * 1000 + 1 }))).toBe('active');
  });

  it('BL-07: the next sign-in, with a sid of its own, goes on', async () => {
    await send();
    expect(await stateOf(await signIn({ providerSessionId: 'sid-2' }))).toBe('active');
  });
});

describe('an invalid logout token', () => {
  it('BL-02: is rejected and revokes nothing', async () => {
    const jar = await signIn();
    const forged = await signLogoutToken({
      key: await createTestKey('ES256', key.kid),
      claims: { iss: server.origin },
    });
    expect(await revokeByLogoutToken(forged, sender)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_signature',
    });
    expect(await send({ nonce: 'n' })).toEqual({ kind: 'rejected', reason: 'logout_token_nonce' });
    expect(await revokeByLogoutToken('', sender)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_malformed',
    });
    expect(await stateOf(jar)).toBe('active');
  });

  it('BL-02: signed with another algorithm than the configured one is rejected', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_SIGNING_ALG: 'RS256' });
    expect(await send()).toEqual({ kind: 'rejected', reason: 'logout_token_alg' });
  });

  it('BL-02: that was used before is rejected for as long as it would be accepted otherwise', async () => {
    const token = await tokenWith({ iat: noonSec + 60, exp: noonSec + 3_600 });
    expect(await revokeByLogoutToken(token, sender)).toEqual({ kind: 'revoked' });
    for (const sec of [0, 300, 719, 720]) {
      vi.setSystemTime((noonSec + sec) * 1000);
      expect(await revokeByLogoutToken(token, sender)).toEqual({
        kind: 'rejected',
        reason: 'logout_token_replayed',
      });
    }
    vi.setSystemTime((noonSec + 721) * 1000);
    expect(await revokeByLogoutToken(token, sender)).toEqual({
      kind: 'rejected',
      reason: 'logout_token_iat',
    });
  });

  it('BL-02: sent twenty times at once is accepted once', async () => {
    const token = await tokenWith();
    const results = await Promise.all(Array.from({ length: 20 }, () => revokeByLogoutToken(token, sender)));
    expect(results.filter(({ kind }) => kind === 'revoked')).toHaveLength(1);
  });

  it('BL-02: does not use up the jti of a valid one', async () => {
    await send({ nonce: 'n' });
    expect(await send()).toEqual({ kind: 'revoked' });
  });
});

describe('a logout token that cannot be verified now', () => {
  it('BL-02: because the store fails works when the server sends it again', async () => {
    const jar = await signIn();
    const token = await tokenWith();
    store.goAway((method, storeKey) => method === 'set' && storeKey.startsWith('revoked:'));
    expect(await revokeByLogoutToken(token, sender)).toMatchObject({ kind: 'later' });
    // This process knows it already; the others learn it from the store.
    expect(await stateOf(jar)).toBe('back_channel_logout');
    store.comeBack();
    expect(await revokeByLogoutToken(token, sender)).toEqual({ kind: 'revoked' });
    expect(await stateOf(jar)).toBe('back_channel_logout');
  });

  it('SE-15: because the store is down, or fails in an unexpected way, may be sent again', async () => {
    store.goAway();
    expect(await send()).toEqual({ kind: 'later', reason: 'store_timeout' });
    store.before = () => {
      throw new TypeError('undefined is not a function');
    };
    expect(await send()).toEqual({ kind: 'later', reason: 'internal_error' });
  });

  it('DI-09: because the keys are out of reach may be sent again', async () => {
    server.handlers['/keys'] = (_request, response) => response.writeHead(503).end();
    expect(await send()).toMatchObject({ kind: 'later' });
  });

  it('BL-05: after 600 invalid ones in a minute more of them get 429, and a valid one still works', async () => {
    for (let number = 0; number < 600; number += 1)
      expect((await revokeByLogoutToken('junk', sender)).kind).toBe('rejected');
    expect(await revokeByLogoutToken('junk', sender)).toMatchObject({ kind: 'rate_limited' });
    expect(await send()).toEqual({ kind: 'revoked' });
    vi.setSystemTime((noonSec + 60) * 1000);
    expect((await revokeByLogoutToken('junk', sender)).kind).toBe('rejected');
  });
});
