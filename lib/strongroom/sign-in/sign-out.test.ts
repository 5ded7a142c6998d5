import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { readTokens } from '../session/token-store';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { offerRevocation } from '../testing/revocation-endpoint';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { signOut } from './sign-out';

let server: TokenEndpoint;
let store: WatchedStore;
let revoked: string[];
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  store = watchStore();
  server.restart();
  revoked = offerRevocation(server);
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

async function signIn(changes: Partial<Session> = {}): Promise<TestJar> {
  const jar = createTestJar();
  await writeSession(jar, buildSession(changes));
  return jar;
}

async function stateOf(jar: TestJar): Promise<string> {
  const found = await loadSession(jar);
  return isRejected(found) ? found.reason : found.kind;
}

describe('signing out', () => {
  it('SE-04, RF-19: removes the cookies, revokes every copy, and revokes the refresh token', async () => {
    const jar = await signIn();
    const copy = createTestJar(jar.cookies);
    expect(await signOut(jar)).toEqual({ kind: 'done' });
    expect(jar.cookies.size).toBe(0);
    expect(await stateOf(copy)).toBe('signed_out_elsewhere');
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('SE-12: leaves the user’s other browsers signed in; signing out everywhere revokes them too', async () => {
    const others = [
      await signIn({ id: 'session-elsewhere-0123' }),
      await signIn({ id: 'session-of-grace-01234', user: { ...buildSession().user, subject: 'user-2' } }),
    ];
    await signOut(await signIn());
    expect(await Promise.all(others.map(stateOf))).toEqual(['active', 'active']);
    await signOut(await signIn({ id: 'session-here-012345678' }), true);
    expect(await Promise.all(others.map(stateOf))).toEqual(['signed_out_everywhere', 'active']);
  });

  it('SE-12: everywhere leaves sessions that begin afterwards', async () => {
    await signOut(await signIn(), true);
    const next = await signIn({ id: 'session-next-012345678', startedAtMs: noonSec * 1000 + 1 });
    expect(await stateOf(next)).toBe('active');
  });

  it('SE-04, CK-11: deletes tokens that the store keeps', async () => {
    const session = buildSession({ tokens: buildTokens({ accessToken: 'a'.repeat(12_000) }) });
    const jar = await signIn(session);
    expect((await readTokens(session.id, 3_600)) === null).toBe(false);
    await signOut(jar);
    expect((await readTokens(session.id, 3_600)) === null).toBe(true);
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('SE-09: succeeds twice, without a session, and with an unreadable cookie', async () => {
    const jar = await signIn();
    await signOut(jar);
    expect(await signOut(jar)).toEqual({ kind: 'done' });
    const junk = createTestJar([['__Host-strongroom', 'junk']]);
    expect(await signOut(junk)).toEqual({ kind: 'done' });
    expect(junk.cookies.size).toBe(0);
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('SE-08: with a server that does not respond, the user is signed out here and told so', async () => {
    server.reset();
    const jar = await signIn();
    const copy = createTestJar(jar.cookies);
    expect(await signOut(jar)).toEqual({ kind: 'not_told' });
    expect(await stateOf(copy)).toBe('signed_out_elsewhere');
  });

  it('SE-15: with a store that does not respond, the cookies are removed and the grant is revoked', async () => {
    const jar = await signIn();
    store.goAway();
    expect(await signOut(jar, true)).toEqual({ kind: 'done' });
    expect(jar.cookies.size).toBe(0);
    expect(revoked).toEqual(['refresh-token-1']);
  });
});
