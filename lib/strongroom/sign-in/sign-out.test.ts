import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeBoundCookie } from '../session/bound-cookie';
import { loadSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { readTokens } from '../session/token-store';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { offerRevocation } from '../testing/revocation-endpoint';
import { offerMetadata } from '../testing/server-metadata';
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

const logout = { end_session_endpoint: '/logout' };
const revocation = { revocation_endpoint: '/revoke' };

async function stateOf(jar: TestJar): Promise<string> {
  const found = await loadSession(jar);
  return isRejected(found) ? found.reason : found.kind;
}

describe('signing out', () => {
  it('SE-19: by a copy of a bound session ends it, and does not tell the copy who the user is', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_URL: 'https://app.example' });
    offerMetadata(server, logout);
    const changes = {
      binding: { boundAtSec: noonSec - 60, copiedAtSec: null },
      tokens: buildTokens({ idToken: 'id-token-1' }),
    };
    const outcome = await signOut(await signIn(changes));
    if (outcome.kind !== 'continue_there') throw new Error(outcome.kind);
    expect(outcome.url.searchParams.has('id_token_hint')).toBe(false);
    const proven = await signIn(changes);
    writeBoundCookie(proven, buildSession().id);
    watchStore();
    const other = await signOut(proven);
    expect(other.kind === 'continue_there' && other.url.searchParams.get('id_token_hint')).toBe('id-token-1');
  });

  it('SE-04, RF-19: removes the cookies, revokes every copy, and revokes the refresh token', async () => {
    const jar = await signIn();
    const copy = createTestJar(jar.cookies);
    expect(await signOut(jar)).toEqual({ kind: 'no_logout' });
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

  it('SE-04: revokes every session that this one replaced in its browser a moment ago', async () => {
    const ids = ['session-first-01234567', 'session-second-0123456'];
    const copies = await Promise.all(ids.map((id) => signIn({ id })));
    await signOut(await signIn({ predecessors: ids }));
    expect(await Promise.all(copies.map(stateOf))).toEqual(['signed_out_elsewhere', 'signed_out_elsewhere']);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['fails', revocation, ['refresh-token-1']],
    ['is not offered', {}, []],
  ])(
    'SE-08: when revoking %s, the browser still goes on to the server’s logout',
    async (_, endpoints, tried) => {
      revoked = offerRevocation(server, (_request, response) => response.writeHead(503).end());
      offerMetadata(server, { ...endpoints, ...logout });
      expect(await signOut(await signIn())).toMatchObject({ kind: 'continue_there' });
      expect(revoked).toEqual(tried);
    },
  );

  it('SE-06: goes to the address of AUTH_LOGOUT_URL, also while the server’s metadata are out of reach', async () => {
    useEnvironment({
      AUTH_ISSUER: server.origin,
      AUTH_LOGOUT_URL: `${server.origin}/v2/logout?client_id={client_id}&returnTo={return_url}`,
    });
    server.reset();
    const outcome = await signOut(await signIn());
    expect(outcome.kind === 'continue_there' && outcome.url.href).toBe(
      `${server.origin}/v2/logout?client_id=client-1&returnTo=https%3A%2F%2Fapp.example%2Fsigned-out`,
    );
  });

  it('SE-06: an ID token that did not fit the cookie is the hint of the logout all the same', async () => {
    offerMetadata(server, { ...revocation, ...logout });
    const tokens = buildTokens({ accessToken: 'a'.repeat(2_000), idToken: `i.${'d'.repeat(2_000)}.s` });
    const outcome = await signOut(await signIn({ tokens }));
    if (outcome.kind !== 'continue_there') throw new Error(outcome.kind);
    expect(outcome.url.searchParams.get('id_token_hint')).toBe(tokens.idToken);
  });

  it('SE-15: with a store that does not respond, the cookies are removed and the grant is revoked', async () => {
    const jar = await signIn();
    store.goAway();
    expect(await signOut(jar, true)).toEqual({ kind: 'no_logout' });
    expect(jar.cookies.size).toBe(0);
    expect(revoked).toEqual(['refresh-token-1']);
  });
});
