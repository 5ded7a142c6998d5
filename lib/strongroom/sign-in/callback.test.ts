import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { getApi } from '../config/config';
import { loadSession } from '../session/load-session';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { noteUserLogout, revokeProviderSession, revokeUserSessions } from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { type SignInTransaction, writeTransaction } from '../session/sign-in-transaction';
import { pseudonymOf } from '../session/user-pseudonym';
import { currentStore } from '../store/current-store';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { buildSession, noonSec } from '../testing/sessions';
import { allScopes, audiences, declareThreeApis } from '../testing/three-apis';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { buildTransaction } from '../testing/transactions';
import { type CallbackResult, handleCallback } from './callback';
import { refreshIfDue } from './fresh-session';

let server: TokenEndpoint;
let key: TestKey;
let jar: TestJar;
let transaction: SignInTransaction;
beforeAll(async () => {
  server = await startTokenEndpoint();
  key = await createTestKey();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.restart([key.jwk]);
  useEnvironment({ AUTH_ISSUER: server.origin });
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
  transaction = buildTransaction({ issuer: server.origin });
  await writeTransaction(jar, transaction);
});
afterEach(() => void vi.useRealTimers());

/** The token endpoint responds with an ID token for this transaction, changed as given. */
async function offerTokens(claims: Record<string, unknown> = {}): Promise<void> {
  const own = { iss: server.origin, nonce: transaction.nonce, ...claims };
  const id_token = await signIdToken({ key, claims: own });
  server.onTokenRequest = ({ respond }) =>
    respond({ access_token: 'access-1', token_type: 'Bearer', id_token });
}

async function deliver(current: Session | null = null): Promise<CallbackResult> {
  const query = new URLSearchParams({ code: 'code-1', state: transaction.id }).toString();
  return handleCallback(jar, { query, browser: null }, current);
}

async function signIn(): Promise<Session> {
  await offerTokens();
  const result = await deliver();
  if (result.kind !== 'signed_in') throw new Error('was not signed in', { cause: result });
  return result.session;
}

describe('a callback', () => {
  it('CB-01, ID-12: exchanges the code once, and the session is in the browser', async () => {
    await offerTokens({ iat: noonSec + 59 });
    expect(await deliver()).toMatchObject({ kind: 'signed_in', transaction: { id: transaction.id } });
    expect(await loadSession(jar)).toMatchObject({ session: { user: { subject: 'user-1' } } });
    expect(server.tokenRequests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'code-1',
        code_verifier: transaction.codeVerifier,
        redirect_uri: 'https://app.example/auth/callback/provider',
      },
    ]);
  });

  it('ID-12: a clock of the server that is 59 seconds behind signs in too', async () => {
    await offerTokens({ iat: noonSec - 359, exp: noonSec - 59 });
    expect((await deliver()).kind).toBe('signed_in');
  });

  it('CB-05: delivered twice at a time is one exchange and one session', async () => {
    await offerTokens();
    const results = await Promise.all([deliver(), deliver()]);
    expect(results.map(({ kind }) => kind)).toEqual(['signed_in', 'signed_in']);
    expect(server.tokenRequests).toHaveLength(1);
  });

  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j in the token response, the user is not signed in',
    async (id_token) => {
      server.onTokenRequest = ({ respond }) => respond({ access_token: 'a', token_type: 'Bearer', id_token });
      expect(await deliver()).toMatchObject({ error: { reason: 'id_token_missing' }, transaction });
      expect(await loadSession(jar)).not.toHaveProperty('session');
    },
  );

  it('ID-09: with the nonce of another request is rejected', async () => {
    await offerTokens({ nonce: 'n'.repeat(42) });
    expect(await deliver()).toMatchObject({ error: { code: 'invalid_response', reason: 'id_token_nonce' } });
  });

  it('TK-03: whose code is rejected with invalid_grant fails, and the sign-in starts over', async () => {
    server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    expect(await deliver()).toMatchObject({ error: { code: 'invalid_grant', reason: 'invalid_grant' } });
  });
});

describe('a callback with invalid_target', () => {
  /** @returns what is left out next; or the code of the problem */
  async function arriveRejected(leftOut: string[], scopes = allScopes) {
    declareThreeApis({ AUTH_ISSUER: server.origin });
    transaction = buildTransaction({ issuer: server.origin, scopes, leftOut });
    await writeTransaction(jar, transaction);
    const query = new URLSearchParams({ error: 'invalid_target', state: transaction.id }).toString();
    const result = await handleCallback(jar, { query, browser: null }, null);
    if (result.kind === 'start_again') return result.transaction.leftOut;
    return result.kind === 'problem' ? result.error.code : result.kind;
  }

  it('AZ-10, CB-10: wants a new request without another API, until there is none', async () => {
    expect(await arriveRejected([])).toEqual(['calendar']);
    expect(await arriveRejected(['calendar'])).toEqual(['files']);
    expect(await arriveRejected(['files'])).toEqual(['calendar', 'files']);
    expect(await arriveRejected(['calendar', 'files'])).toBe('invalid_target');
    expect(await arriveRejected([], ['openid', 'read:contacts'])).toBe('invalid_target');
  });

  it('AZ-10: a session of such a sign-in has no token for that API, and its refresh token is not sent for one', async () => {
    declareThreeApis({ AUTH_ISSUER: server.origin });
    transaction = buildTransaction({ issuer: server.origin, scopes: allScopes, leftOut: ['calendar'] });
    await writeTransaction(jar, transaction);
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    const session = await signIn();
    const { apiTokens, scopes } = session.tokens;
    const expiresAtSec = session.endsAtSec;
    expect(apiTokens).toEqual({ calendar: { accessToken: null, expiresAtSec, obtainedAtSec: noonSec } });
    const notGranted = ['read:events', 'offline_access'];
    expect(scopes).toEqual(allScopes.filter((scope) => !notGranted.includes(scope)));
    const named = { api: 'calendar', audience: audiences.calendar, variable: 'CALENDAR_AUDIENCE' };
    expect(failures.mock.calls).toEqual([['target_left_out', expect.anything(), named]]);
    failures.mockRestore();
    const withRefreshToken = { ...session, tokens: { ...session.tokens, refreshToken: 'refresh-1' } };
    await refreshIfDue(jar, withRefreshToken, { api: getApi('calendar') });
    expect(server.tokenRequests.map(({ form }) => form.get('grant_type'))).toEqual(['authorization_code']);
  });
});

describe('a logout that the server reports while the code is exchanged', () => {
  const grace = { issuer: 'https://issuer.example', subject: 'user-2' };

  /** The code is at the token endpoint while `report` runs. */
  async function exchangeDuring(report: () => Promise<void>): Promise<CallbackResult> {
    const own = { iss: server.origin, nonce: transaction.nonce, sid: 's'.repeat(300) };
    const id_token = await signIdToken({ key, claims: own });
    const delivery = deliver();
    const { respond } = await server.arrival();
    vi.setSystemTime(noonSec * 1000 + 400);
    await report();
    vi.setSystemTime(noonSec * 1000 + 900);
    respond({ access_token: 'access-1', token_type: 'Bearer', id_token });
    return delivery;
  }

  it.each<[string, () => Promise<void>]>([
    [
      'by sub',
      () =>
        revokeUserSessions(
          { issuer: server.origin, subject: 'user-1' },
          noonSec * 1000 + 400,
          'back_channel_logout',
        ),
    ],
    [
      'by sub, with a clock that is behind',
      () => noteUserLogout({ issuer: server.origin, subject: 'user-1' }),
    ],
    [
      'by a sid of 300 characters',
      () => revokeProviderSession(server.origin, shortenProviderSessionId('s'.repeat(300))),
    ],
  ])('BL-01: %s, ends the session that comes of it, and no pending action runs', async (_, report) => {
    transaction = buildTransaction({
      issuer: server.origin,
      stepUp: { requirement: { maxAgeSec: null, acrValues: [] }, pendingId: 'pending-1' },
    });
    await writeTransaction(jar, transaction);
    expect(await exchangeDuring(report)).toMatchObject({ kind: 'signed_in', transaction: { stepUp: null } });
    expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'back_channel_logout' });
  });

  it('BL-01: of another user, or before the sign-in, ends nothing', async () => {
    await noteUserLogout({ issuer: server.origin, subject: 'user-1' });
    vi.setSystemTime(noonSec * 1000 + 1);
    await exchangeDuring(() => noteUserLogout(grace));
    expect(await loadSession(jar)).toMatchObject({ kind: 'active' });
  });
});

describe('another account than the one that asked for more', () => {
  const ada = () => ({ ...buildSession().user, issuer: server.origin, subject: 'user-ada' });
  const askAs = async (user: Session['user']) => {
    transaction = buildTransaction({ issuer: server.origin, owner: pseudonymOf(user) });
    await writeTransaction(jar, transaction);
    await offerTokens();
  };

  it('CB-26: is not taken: the session that asked stays as it was', async () => {
    const current = buildSession({ user: ada() });
    await writeSession(jar, current);
    await askAs(ada());
    expect(await deliver(current)).toMatchObject({
      kind: 'another_account',
      session: { user: { subject: 'user-1' } },
    });
    expect(await loadSession(jar)).toMatchObject({
      session: { id: current.id, user: { subject: 'user-ada' } },
    });
  });

  it('CB-26: is not taken either when the session has ended meanwhile', async () => {
    await askAs(ada());
    expect(await deliver()).toMatchObject({ kind: 'another_account' });
  });

  it.each([
    ['the same user, under another name', 'user-1'],
    ['a user who signed in with it in another tab meanwhile', 'user-ada'],
  ])('CB-26: %s, is taken', async (_, asked) => {
    await askAs({ ...ada(), subject: asked });
    const current = buildSession({ user: { ...ada(), subject: 'user-1', name: 'Other' } });
    expect(await deliver(current)).toMatchObject({ kind: 'signed_in' });
  });
});

describe('a sign-in in a browser that has a session of the same user', () => {
  const signInAgain = async (): Promise<Session> => {
    const loaded = await loadSession(jar);
    transaction = buildTransaction({ issuer: server.origin });
    await writeTransaction(jar, transaction);
    await offerTokens();
    await deliver(loaded.kind === 'active' ? loaded.session : null);
    const next = await loadSession(jar);
    if (next.kind !== 'active') throw new Error(next.kind);
    return next.session;
  };

  it('SE-04: names every session that it replaced within a minute, for signing out', async () => {
    const first = await signInAgain();
    vi.setSystemTime((noonSec + 20) * 1000);
    const second = await signInAgain();
    vi.setSystemTime((noonSec + 40) * 1000);
    const third = await signInAgain();
    expect([second.predecessors, third.predecessors]).toEqual([[first.id], [second.id, first.id]]);
    vi.setSystemTime((noonSec + 140) * 1000);
    expect((await signInAgain()).predecessors).toEqual([third.id]);
  });
});

describe('a callback that was used before', () => {
  it('RL-06: with a code that a stranger made up leaves a mark for a minute, and its code is not sent again', async () => {
    const saved = [...jar.cookies];
    const set = vi.spyOn(currentStore(), 'set');
    server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    expect(await deliver()).toMatchObject({ kind: 'problem' });
    expect(set.mock.calls).toEqual([[`transaction:${transaction.id}`, 'used', 60_000]]);
    jar = createTestJar(saved);
    expect(await deliver()).toMatchObject({ error: { code: 'transaction_consumed' } });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CB-06, CB-27: is a problem with its transaction, so that its cookie is removed and the wanted page is kept', async () => {
    const saved = [...jar.cookies];
    await signIn();
    jar = createTestJar(saved);
    expect(await deliver()).toMatchObject({
      kind: 'problem',
      error: { code: 'transaction_consumed' },
      transaction: { id: transaction.id, returnTo: transaction.returnTo },
    });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CB-05: leads on in the browser that it signed in, also without its cookie', async () => {
    const session = await signIn();
    expect(await deliver(session)).toEqual({ kind: 'already_consumed', returnTo: transaction.returnTo });
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('CB-06: is rejected in a browser that has another session by now', async () => {
    const saved = [...jar.cookies];
    await signIn();
    jar = createTestJar(saved);
    const other = buildSession({ id: 'another-session-0123456' });
    expect(await deliver(other)).toMatchObject({ error: { code: 'transaction_consumed' } });
  });
});
