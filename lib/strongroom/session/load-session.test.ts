import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { readSession } from '../testing/read-session';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { noteLastSeen } from './last-seen';
import { loadSession } from './load-session';
import { recordReplacement, revokeSession, revokeUserSessions } from './revocations';
import type { Session } from './session';
import { writeSession } from './session-cookie';
import { removeTokens } from './token-store';

const session = buildSession({ endsAtSec: noonSec + 2 * 3600 });
const large = buildSession({ ...session, tokens: buildTokens({ accessToken: 'a'.repeat(12_000) }) });
let store: WatchedStore;

beforeEach(() => {
  useEnvironment({ SESSION_IDLE_MINUTES: '60' });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

async function signIn(signedIn: Session = session): Promise<TestJar> {
  const jar = createTestJar();
  await writeSession(jar, signedIn);
  return jar;
}

const at = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);

describe('loading the session of a request', () => {
  it('is active, or absent when the browser sent no cookie', async () => {
    expect(await loadSession(await signIn())).toEqual({ kind: 'active', session });
    expect(await loadSession(createTestJar())).toEqual({ kind: 'absent' });
  });

  it('CK-04: a cookie that is not ours is unreadable', async () => {
    for (const text of ['x', 'Fe26.2*1*x*x*x**x*x~2', '{"id":"session"}'])
      expect(await loadSession(createTestJar([['__Host-strongroom', text]]))).toEqual({
        kind: 'unreadable',
        reason: 'seal_invalid',
        session: null,
      });
  });

  it('SE-02: a session expires at its absolute end, however active its user is', async () => {
    const jar = await signIn();
    for (let sec = 600; sec < 2 * 3600; sec += 600) {
      at(sec);
      const loaded = await loadSession(jar);
      expect(loaded.kind).toBe('active');
      if (loaded.kind === 'active') await noteLastSeen(jar, loaded.session, false);
    }
    at(2 * 3600);
    const lastSeenAtSec = noonSec + 2 * 3600 - 600;
    expect(await loadSession(jar)).toEqual({
      kind: 'expired',
      reason: 'lifetime',
      session: { ...session, lastSeenAtSec },
    });
  });

  it('SE-02, CK-08: a user who was away for the idle time has an expired session, although the browser kept its cookies', async () => {
    const jar = await signIn();
    at(3_599);
    expect((await loadSession(jar)).kind).toBe('active');
    at(3_600);
    expect(await loadSession(jar)).toEqual({ kind: 'expired', reason: 'idle', session });
  });

  it('SE-04: a copy of the cookie from before signing out is revoked', async () => {
    const jar = await signIn();
    const copy = createTestJar(jar.cookies);
    await revokeSession(session);
    expect(await loadSession(copy)).toEqual({ kind: 'revoked', reason: 'signed_out_elsewhere', session });
    expect(await readSession(copy)).toBeNull();
  });

  it('SE-01: a session that a newer sign-in replaced stays active for a minute', async () => {
    const jar = await signIn();
    await recordReplacement(session);
    expect((await loadSession(jar)).kind).toBe('active');
    at(60);
    expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'replaced' });
  });

  it('SE-12: signing out everywhere revokes the sessions in every browser', async () => {
    const jars = [await signIn(), await signIn({ ...session, id: 'session-elsewhere-0123' })];
    await revokeUserSessions(session.user, noonSec * 1000, 'signed_out_everywhere');
    for (const jar of jars)
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'signed_out_everywhere' });
  });

  it('CK-11: one trip to the store finds the revocations and the tokens that are kept there', async () => {
    const jar = await signIn(large);
    store.calls.length = 0;
    expect(await loadSession(jar)).toEqual({ kind: 'active', session: large });
    expect(store.calls).toHaveLength(1);
  });

  it('CK-11: a session whose tokens the store lost is unreadable', async () => {
    const jar = await signIn(large);
    await removeTokens(large.id);
    expect(await loadSession(jar)).toEqual({
      kind: 'unreadable',
      reason: 'tokens_missing',
      session: { ...large, tokens: null },
    });
  });
});

describe('SE-15: loading while the store does not respond', () => {
  it('SE-15: with REVOCATION_CHECK=open a session goes on', async () => {
    const jar = await signIn();
    store.goAway();
    expect(await loadSession(jar)).toEqual({ kind: 'active', session });
  });

  it.each(['off', 'offer'])(
    'SE-15: what this process revoked stays revoked, with SESSION_BINDING=%s too',
    async (SESSION_BINDING) => {
      useEnvironment({ SESSION_BINDING });
      store = watchStore();
      const jar = await signIn();
      await revokeSession(session);
      store.goAway();
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked' });
    },
  );

  it('SE-15: with REVOCATION_CHECK=closed a session is indeterminate, and active again when the store is back', async () => {
    useEnvironment({ REVOCATION_CHECK: 'closed' });
    store = watchStore();
    const jar = await signIn();
    store.goAway();
    expect(await loadSession(jar)).toEqual({ kind: 'indeterminate', session });
    expect(await readSession(jar)).toBeNull();
    store.comeBack();
    expect(await loadSession(jar)).toEqual({ kind: 'active', session });
  });

  it.each(['open', 'closed'])(
    'SE-15: a session whose tokens are in the store is indeterminate with %s',
    async (check) => {
      useEnvironment({ REVOCATION_CHECK: check });
      store = watchStore();
      const jar = await signIn(large);
      store.goAway();
      expect(await loadSession(jar)).toEqual({ kind: 'indeterminate', session: { ...large, tokens: null } });
    },
  );

  it('SE-02: a session expires without a store too', async () => {
    const jar = await signIn();
    store.goAway();
    at(3_600);
    expect(await loadSession(jar)).toMatchObject({ kind: 'expired', reason: 'idle' });
    at(2 * 3600);
    expect(await loadSession(jar)).toMatchObject({ kind: 'expired', reason: 'lifetime' });
    expect(await loadSession(createTestJar())).toEqual({ kind: 'absent' });
  });
});

describe('SE-16: loading while something is broken', () => {
  it.each(['open', 'closed'])('SE-16: an unexpected error gives no session with %s', async (check) => {
    useEnvironment({ REVOCATION_CHECK: check });
    store = watchStore();
    const jar = await signIn();
    store.before = () => {
      throw new TypeError('undefined is not a function');
    };
    await expect(loadSession(jar)).rejects.toThrow(TypeError);
    await expect(readSession(jar)).rejects.toThrow(TypeError);
  });

  it('SE-16: a broken configuration gives no session', async () => {
    const jar = await signIn();
    useEnvironment({ AUTH_ISSUER: 'nonsense' });
    expect((await appErrorOf(() => loadSession(jar))).code).toBe('configuration_invalid');
  });
});
