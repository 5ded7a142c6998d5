import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { noteLastSeen } from './last-seen';
import { loadSession, readSession } from './load-session';
import { markSessionReplaced, revokeSession, revokeUserSessions } from './revocations';
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

describe('looking up the session of a request', () => {
  it('finds it, or says that the browser sent none', async () => {
    expect(await loadSession(await signIn())).toEqual({ kind: 'session', session });
    expect(await loadSession(createTestJar())).toEqual({ kind: 'none' });
  });

  it('CK-04: a cookie that is not ours is over, and holds nobody', async () => {
    for (const text of ['x', 'Fe26.2*1*x*x*x**x*x~2', '{"id":"session"}'])
      expect(await loadSession(createTestJar([['__Host-strongroom', text]]))).toEqual({
        kind: 'over',
        reason: 'unreadable',
        session: null,
      });
  });

  it('SE-02: nobody stays beyond the absolute end, however busy', async () => {
    const jar = await signIn();
    for (let sec = 600; sec < 2 * 3600; sec += 600) {
      at(sec);
      await noteLastSeen(jar, session, false);
      expect((await loadSession(jar)).kind).toBe('session');
    }
    at(2 * 3600);
    expect(await loadSession(jar)).toEqual({ kind: 'over', reason: 'expired', session });
  });

  it('SE-02, CK-08: whoever is away for the idle time is asked again, although the browser kept its cookies', async () => {
    const jar = await signIn();
    at(3_599);
    expect((await loadSession(jar)).kind).toBe('session');
    at(3_600);
    expect(await loadSession(jar)).toEqual({ kind: 'over', reason: 'idle', session });
  });

  it('SE-04: a copy of the cookie from before signing out is over', async () => {
    const jar = await signIn();
    const copy = createTestJar(jar.cookies);
    await revokeSession(session);
    expect(await loadSession(copy)).toEqual({ kind: 'over', reason: 'signed_out', session });
    expect(await readSession(copy)).toBeNull();
  });

  it('SE-01: one that a newer sign-in replaced goes on for a minute', async () => {
    const jar = await signIn();
    await markSessionReplaced(session);
    expect((await loadSession(jar)).kind).toBe('session');
    at(60);
    expect(await loadSession(jar)).toMatchObject({ kind: 'over', reason: 'replaced' });
  });

  it('SE-12: the session that signed out everywhere is over in every browser', async () => {
    const jars = [await signIn(), await signIn({ ...session, id: 'session-elsewhere-0123' })];
    await revokeUserSessions(session.user, noonSec * 1000);
    for (const jar of jars)
      expect(await loadSession(jar)).toMatchObject({ kind: 'over', reason: 'signed_out_everywhere' });
  });

  it('CK-11: whose tokens the store lost is over', async () => {
    const jar = await signIn(large);
    await removeTokens(large.id);
    expect(await loadSession(jar)).toEqual({ kind: 'over', reason: 'tokens_missing', session: null });
  });
});

describe('SE-15: looking up while the store does not answer', () => {
  it('SE-15: with REVOCATION_CHECK=open a session goes on', async () => {
    const jar = await signIn();
    store.goAway();
    expect(await loadSession(jar)).toEqual({ kind: 'session', session });
  });

  it('SE-15: with REVOCATION_CHECK=closed nobody is let in, and nobody is signed out', async () => {
    useEnvironment({ REVOCATION_CHECK: 'closed' });
    store = watchStore();
    const jar = await signIn();
    store.goAway();
    expect(await loadSession(jar)).toEqual({ kind: 'unchecked', session });
    expect(await readSession(jar)).toBeNull();
    store.comeBack();
    expect(await loadSession(jar)).toEqual({ kind: 'session', session });
  });

  it.each(['open', 'closed'])(
    'SE-15: one whose tokens are in the store is unchecked with %s',
    async (check) => {
      useEnvironment({ REVOCATION_CHECK: check });
      store = watchStore();
      const jar = await signIn(large);
      store.goAway();
      expect(await loadSession(jar)).toEqual({ kind: 'unchecked', session: { ...large, tokens: null } });
    },
  );

  it('SE-02: what the cookie itself says holds without a store', async () => {
    const jar = await signIn();
    store.goAway();
    at(3_600);
    expect(await loadSession(jar)).toMatchObject({ kind: 'over', reason: 'idle' });
    at(2 * 3600);
    expect(await loadSession(jar)).toMatchObject({ kind: 'over', reason: 'expired' });
    expect(await loadSession(createTestJar())).toEqual({ kind: 'none' });
  });
});

describe('SE-16: looking up while something is broken', () => {
  it.each(['open', 'closed'])(
    'SE-16: an error that nobody expected gives no session with %s',
    async (check) => {
      useEnvironment({ REVOCATION_CHECK: check });
      store = watchStore();
      const jar = await signIn();
      store.before = () => {
        throw new TypeError('undefined is not a function');
      };
      await expect(loadSession(jar)).rejects.toThrow(TypeError);
      await expect(readSession(jar)).rejects.toThrow(TypeError);
    },
  );

  it('SE-16: a broken configuration gives no session', async () => {
    const jar = await signIn();
    useEnvironment({ AUTH_ISSUER: 'nonsense' });
    expect((await appErrorOf(() => loadSession(jar))).code).toBe('configuration_invalid');
  });
});
