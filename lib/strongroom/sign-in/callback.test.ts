import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { getApi } from '../config/config';
import { loadSession } from '../session/load-session';
import { currentStore } from '../store/current-store';
import { type Arrival, startArrivals } from '../testing/callbacks';
import { createTestJar } from '../testing/cookie-jar';
import { buildSession, noonSec } from '../testing/sessions';
import { allScopes, audiences, declareThreeApis } from '../testing/three-apis';
import { refreshIfDue } from './fresh-session';

let arrival: Arrival;
beforeAll(async () => {
  arrival = await startArrivals();
});
afterAll(() => arrival.server.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  await arrival.restart();
});
afterEach(() => void vi.useRealTimers());

describe('a callback', () => {
  it('CB-01, ID-12: exchanges the code once, and the session is in the browser', async () => {
    await arrival.offerTokens({ iat: noonSec + 59 });
    expect(await arrival.deliver()).toMatchObject({
      kind: 'signed_in',
      transaction: { id: arrival.transaction.id },
    });
    expect(await loadSession(arrival.jar)).toMatchObject({ session: { user: { subject: 'user-1' } } });
    expect(arrival.server.tokenRequests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'code-1',
        code_verifier: arrival.transaction.codeVerifier,
        redirect_uri: 'https://app.example/auth/callback/provider',
      },
    ]);
  });

  it('ID-12: a clock of the server that is 59 seconds behind signs in too', async () => {
    await arrival.offerTokens({ iat: noonSec - 359, exp: noonSec - 59 });
    expect((await arrival.deliver()).kind).toBe('signed_in');
  });

  it('CB-05: delivered twice at a time is one exchange and one session', async () => {
    await arrival.offerTokens();
    const results = await Promise.all([arrival.deliver(), arrival.deliver()]);
    expect(results.map(({ kind }) => kind)).toEqual(['signed_in', 'signed_in']);
    expect(arrival.server.tokenRequests).toHaveLength(1);
  });

  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j in the token response, the user is not signed in',
    async (id_token) => {
      arrival.server.onTokenRequest = ({ respond }) =>
        respond({ access_token: 'a', token_type: 'Bearer', id_token });
      expect(await arrival.deliver()).toMatchObject({
        error: { reason: 'id_token_missing' },
        transaction: arrival.transaction,
      });
      expect(await loadSession(arrival.jar)).not.toHaveProperty('session');
    },
  );

  it('ID-09: with the nonce of another request is rejected', async () => {
    await arrival.offerTokens({ nonce: 'n'.repeat(42) });
    expect(await arrival.deliver()).toMatchObject({
      error: { code: 'invalid_response', reason: 'id_token_nonce' },
    });
  });

  it('TK-03: whose code is rejected with invalid_grant fails, and the sign-in starts over', async () => {
    arrival.server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    expect(await arrival.deliver()).toMatchObject({
      error: { code: 'invalid_grant', reason: 'invalid_grant' },
    });
  });
});

describe('a callback with invalid_target', () => {
  /** @returns what is left out next; or the code of the problem */
  async function arriveRejected(leftOut: string[], scopes = allScopes) {
    declareThreeApis({ AUTH_ISSUER: arrival.server.origin });
    await arrival.begin({ scopes, leftOut });
    const result = await arrival.deliver(null, { error: 'invalid_target' });
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
    declareThreeApis({ AUTH_ISSUER: arrival.server.origin });
    await arrival.begin({ scopes: allScopes, leftOut: ['calendar'] });
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    const session = await arrival.signIn();
    const { apiTokens, scopes } = session.tokens;
    const expiresAtSec = session.endsAtSec;
    expect(apiTokens).toEqual({ calendar: { accessToken: null, expiresAtSec, obtainedAtSec: noonSec } });
    const notGranted = ['read:events', 'offline_access'];
    expect(scopes).toEqual(allScopes.filter((scope) => !notGranted.includes(scope)));
    const named = { api: 'calendar', audience: audiences.calendar, variable: 'CALENDAR_AUDIENCE' };
    expect(failures.mock.calls).toEqual([['target_left_out', expect.anything(), named]]);
    failures.mockRestore();
    const withRefreshToken = { ...session, tokens: { ...session.tokens, refreshToken: 'refresh-1' } };
    await refreshIfDue(arrival.jar, withRefreshToken, { api: getApi('calendar') });
    expect(arrival.server.tokenRequests.map(({ form }) => form.get('grant_type'))).toEqual([
      'authorization_code',
    ]);
  });
});

describe('a callback that was used before', () => {
  it('RL-06: with a code that a stranger made up leaves a mark for a minute, and its code is not sent again', async () => {
    const saved = [...arrival.jar.cookies];
    const set = vi.spyOn(currentStore(), 'set');
    arrival.server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    expect(await arrival.deliver()).toMatchObject({ kind: 'problem' });
    expect(set.mock.calls).toEqual([[`transaction:${arrival.transaction.id}`, 'used', 60_000]]);
    arrival.jar = createTestJar(saved);
    expect(await arrival.deliver()).toMatchObject({ error: { code: 'transaction_consumed' } });
    expect(arrival.server.tokenRequests).toHaveLength(1);
  });

  it('CB-06, CB-27: is a problem with its transaction, so that its cookie is removed and the wanted page is kept', async () => {
    const saved = [...arrival.jar.cookies];
    await arrival.signIn();
    arrival.jar = createTestJar(saved);
    expect(await arrival.deliver()).toMatchObject({
      kind: 'problem',
      error: { code: 'transaction_consumed' },
      transaction: { id: arrival.transaction.id, returnTo: arrival.transaction.returnTo },
    });
    expect(arrival.server.tokenRequests).toHaveLength(1);
  });

  it('CB-05: leads on in the browser that it signed in, also without its cookie', async () => {
    const session = await arrival.signIn();
    expect(await arrival.deliver(session)).toEqual({
      kind: 'already_consumed',
      returnTo: arrival.transaction.returnTo,
    });
    expect(arrival.server.tokenRequests).toHaveLength(1);
  });

  it('CB-06: is rejected in a browser that has another session by now', async () => {
    const saved = [...arrival.jar.cookies];
    await arrival.signIn();
    arrival.jar = createTestJar(saved);
    const other = buildSession({ id: 'another-session-0123456' });
    expect(await arrival.deliver(other)).toMatchObject({ error: { code: 'transaction_consumed' } });
  });
});
