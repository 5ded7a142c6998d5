import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getApi } from '../config/config';
import { bindSession } from '../session/device-binding';
import { recordReplacement, revokeSession } from '../session/revocations';
import type { Session } from '../session/session';
import { openSessionCookie, writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { readSession } from '../testing/read-session';
import { offerRevocation } from '../testing/revocation-endpoint';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { secondTokens, startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { refreshAfterRejection, refreshIfDue } from './fresh-session';

let server: TokenEndpoint;
let jar: TestJar;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  // No page gives up waiting: `setTimeout` is held too.
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

/** A session whose access token has just expired, in a jar of its own. */
async function signInExpired(changes: Partial<Session['tokens']> = {}): Promise<Session> {
  const session = buildSession({
    tokens: buildTokens({ expiresAtSec: noonSec - 1, obtainedAtSec: noonSec - 301, ...changes }),
  });
  jar = createTestJar();
  await writeSession(jar, session);
  return session;
}

describe('keeping a session fresh', () => {
  it('RF-01: the new tokens are in the cookie before they are used', async () => {
    const session = await signInExpired();
    server.onTokenRequest = (request) => request.respond(secondTokens);
    const result = await refreshIfDue(jar, session);
    expect(result).toMatchObject({
      kind: 'fresh',
      session: { id: session.id, tokens: { accessToken: 'access-2' } },
    });
    expect((await readSession(jar))?.tokens.refreshToken).toBe('refresh-2');
  });

  it('SE-19: a session that was bound while its tokens were refreshed is written as one', async () => {
    const session = await signInExpired();
    server.onTokenRequest = async (request) => {
      await bindSession(session);
      request.respond(secondTokens);
    };
    await refreshIfDue(jar, session);
    const sealed = await openSessionCookie(jar);
    expect(sealed).toMatchObject({ value: { binding: { boundAtSec: noonSec, copiedAtSec: null } } });
  });

  it('RF-01: a token that is not due is not refreshed', async () => {
    const session = await signInExpired({ expiresAtSec: noonSec + 200 });
    expect(await refreshIfDue(jar, session)).toEqual({ kind: 'fresh', session });
    expect(server.tokenRequests).toHaveLength(0);
  });

  it('TK-14: without a refresh token the session lasts as long as its access token', async () => {
    const session = await signInExpired({ refreshToken: null });
    expect(await refreshIfDue(jar, session)).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(await readSession(jar)).toBeNull();
  });

  it('RF-06: a rejected refresh token revokes the session and writes no cookie', async () => {
    const session = await signInExpired();
    server.onTokenRequest = (request) => request.respond({ error: 'invalid_grant' }, 400);
    const writes = jar.writes.length;
    expect(await refreshIfDue(jar, session)).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(await readSession(jar)).toBeNull();
    // Removing the cookie here could remove that of a newer sign-in.
    expect(jar.writes).toHaveLength(writes);
  });

  it('RF-06: a server that goes on rejecting the refresh token without saying why ends the session', async () => {
    const session = await signInExpired();
    server.onTokenRequest = ({ response }) => void response.writeHead(400).end();
    expect(await refreshIfDue(jar, session)).toMatchObject({ kind: 'unchanged' });
    vi.advanceTimersByTime(61_000);
    const end = { kind: 'login_required', reason: 'refresh_rejected' };
    expect(await refreshIfDue(jar, session)).toEqual(end);
    expect(await readSession(jar)).toBeNull();
  });

  it('RF-07: a server that fails leaves the session as it is', async () => {
    const session = await signInExpired();
    server.onTokenRequest = (request) => request.respond({}, 503);
    expect(await refreshIfDue(jar, session)).toMatchObject({
      kind: 'unchanged',
      session: { id: session.id },
    });
    expect((await readSession(jar))?.id).toBe(session.id);
  });

  it('RF-13: a user who signs out during a refresh stays signed out, and the new refresh token is revoked', async () => {
    const session = await signInExpired();
    const revoked = offerRevocation(server);
    const refreshing = refreshIfDue(jar, session);
    const request = await server.arrival();
    await revokeSession(session);
    request.respond(secondTokens);
    const writes = jar.writes.length;
    expect(await refreshing).toEqual({ kind: 'login_required', reason: 'signed_out_elsewhere' });
    expect(jar.writes).toHaveLength(writes);
    expect(await readSession(jar)).toBeNull();
    expect(revoked).toEqual(['refresh-2']);
  });

  it('SE-01: a session that a newer sign-in replaced during its refresh writes no cookie', async () => {
    const session = await signInExpired();
    const refreshing = refreshIfDue(jar, session);
    const request = await server.arrival();
    await recordReplacement(session);
    request.respond(secondTokens);
    const writes = jar.writes.length;
    expect(await refreshing).toMatchObject({ kind: 'unchanged' });
    expect(jar.writes).toHaveLength(writes);
  });

  it('CK-11: new tokens too large for the cookie go to the store, and the session goes on', async () => {
    const session = await signInExpired();
    server.onTokenRequest = (request) =>
      request.respond({ ...secondTokens, access_token: 'a'.repeat(12_000) });
    expect(await refreshIfDue(jar, session)).toMatchObject({ kind: 'fresh' });
    expect((await readSession(jar))?.tokens.accessToken).toHaveLength(12_000);
  });
});

describe('the time a user was last seen', () => {
  it('SE-03: does not move when the tokens are refreshed', async () => {
    const session = { ...(await signInExpired()), lastSeenAtSec: noonSec - 600 };
    server.onTokenRequest = (request) => request.respond(secondTokens);
    await refreshIfDue(jar, session);
    await refreshAfterRejection(jar, { ...session, tokens: buildTokens() }, getApi());
    expect((await readSession(jar))?.lastSeenAtSec).toBe(noonSec - 600);
  });
});

describe('recovering from a token that the API rejected', () => {
  it('RC-02: a rejected token is refreshed although it looked good; a second one within a minute is not, and the session stays', async () => {
    const session = await signInExpired({ expiresAtSec: noonSec + 200 });
    server.onTokenRequest = (request) => request.respond(secondTokens);
    const outcome = await refreshAfterRejection(jar, session, getApi());
    expect(outcome).toMatchObject({ kind: 'fresh', session: { tokenReplacedAtSec: noonSec } });
    if (outcome.kind !== 'fresh') return;
    expect(await refreshAfterRejection(jar, outcome.session, getApi())).toEqual(outcome);
    expect(server.tokenRequests).toHaveLength(1);
    expect((await readSession(jar))?.tokenReplacedAtSec).toBe(noonSec);
  });

  it('RC-02: a refresh of tokens that live for a second does not forget the rejection', async () => {
    const session = { ...(await signInExpired()), tokenReplacedAtSec: noonSec - 1 };
    server.onTokenRequest = (request) => request.respond(secondTokens);
    const outcome = await refreshIfDue(jar, session);
    expect(outcome).toMatchObject({ kind: 'fresh', session: { tokenReplacedAtSec: noonSec - 1 } });
  });

  it.each([
    ['RL-08: when the clock was set back since the first', noonSec + 3_590],
    ['RC-02: after a minute', noonSec - 61],
  ])('%s, a second rejection is refreshed again', async (_when, tokenReplacedAtSec) => {
    const session = { ...(await signInExpired({ expiresAtSec: noonSec + 200 })), tokenReplacedAtSec };
    server.onTokenRequest = (request) => request.respond(secondTokens);
    await refreshAfterRejection(jar, session, getApi());
    expect(server.tokenRequests).toHaveLength(1);
  });

  it('RC-02: without a refresh token the session stays as long as its access token looks good', async () => {
    const session = await signInExpired({ expiresAtSec: noonSec + 200, refreshToken: null });
    expect(await refreshAfterRejection(jar, session, getApi())).toEqual({ kind: 'fresh', session });
    expect(await readSession(jar)).not.toBeNull();
  });
});
