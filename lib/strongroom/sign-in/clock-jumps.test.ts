/**
 * The clock on the wall is set an hour forward or back, as after a suspend or by NTP: no user is signed out
 * for it, and nothing lives for ever. RL-08
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BoundedMap } from '../base/bounded-map';
import { AppError } from '../base/errors';
import { getMetadata, isServerReachable } from '../oauth/metadata';
import { RefreshBackOff } from '../oauth/refresh/back-off';
import { noteLastSeen } from '../session/last-seen';
import { loadSession } from '../session/load-session';
import { isRejected } from '../session/loaded-session';
import {
  recordReplacement,
  revokeProviderSession,
  revokeSession,
  revokeUserSessions,
} from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { createMemoryStore } from '../store/memory-store';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { refreshIfDue } from './fresh-session';

const hourSec = 3_600;
const directions = [
  ['forward', hourSec],
  ['back', -hourSec],
] as const;
let server: TokenEndpoint;
let jar: TestJar;
let session: Session;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  server.onTokenRequest = ({ respond }) =>
    respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' });
  // Set, as the clock on the wall is: what measures how long goes on as before.
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  jar = createTestJar();
  session = buildSession({ endsAtSec: noonSec + 8 * hourSec, providerSessionId: 'sid-1' });
  session.user.issuer = server.origin;
  await writeSession(jar, session);
  await noteLastSeen(jar, session, false);
});
afterEach(() => void vi.useRealTimers());

const jump = (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1000);
const pass = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000);
const isRejectedNow = async () => isRejected(await loadSession(jar));

describe.each(directions)('an hour %s', (_direction, seconds) => {
  it('RL-08: leaves the session active, with its last-seen time and its tokens', async () => {
    jump(seconds);
    const found = await loadSession(jar);
    expect(found.kind).toBe('active');
    if (found.kind !== 'active') return;
    expect((await refreshIfDue(jar, found.session)).kind).toBe('fresh');
    await noteLastSeen(jar, found.session, false);
    jump(-seconds);
    expect(await isRejectedNow()).toBe(false);
  });

  it('RL-08: does not harm new tokens, neither in that hour nor when the clock is right again', async () => {
    jump(seconds);
    const tokens = buildTokens({
      expiresAtSec: Date.now() / 1000 - 1,
      obtainedAtSec: Date.now() / 1000 - 301,
    });
    expect(await refreshIfDue(jar, { ...session, tokens })).toMatchObject({
      kind: 'fresh',
      session: { tokens: { accessToken: 'access-2' } },
    });
    jump(-seconds);
    const found = await loadSession(jar);
    expect(found.kind === 'active' && (await refreshIfDue(jar, found.session)).kind).toBe('fresh');
  });

  it.each<[string, () => Promise<void>]>([
    ['this session', () => revokeSession(session)],
    ['all sessions of its user', () => revokeUserSessions(session.user, Date.now(), 'signed_out_everywhere')],
    ['its session at the authorization server', () => revokeProviderSession(session.user.issuer, 'sid-1')],
  ])('RL-08: a revocation of %s holds for as long as its cookie could be used', async (_what, end) => {
    await end();
    expect(await isRejectedNow()).toBe(true);
    jump(seconds);
    expect(await isRejectedNow()).toBe(true);
    pass(7 * hourSec);
    expect(await isRejectedNow()).toBe(true);
  });

  it('RL-08: a replaced session outlives its minute by no more than the jump', async () => {
    await recordReplacement(session);
    jump(seconds);
    pass(hourSec + 61);
    expect(await isRejectedNow()).toBe(true);
  });

  it('RL-08: no session outlives its end by more than the jump', async () => {
    jump(seconds);
    pass(9 * hourSec + 1);
    expect(await isRejectedNow()).toBe(true);
  });

  it('RL-08: a server that failed is asked again after seconds, not after an hour', async () => {
    server.handlers['/.well-known/openid-configuration'] = (_request, response) =>
      response.writeHead(503).end();
    expect((await appErrorOf(getMetadata)).code).toBe('temporarily_unavailable');
    jump(seconds);
    server.restart();
    pass(6);
    expect((await getMetadata()).issuer).toBe(server.origin);
    expect(await isServerReachable()).toBe(true);
  });

  it('RL-08: a back-off and an open circuit last seconds, whatever the clock says', () => {
    const backOff = new RefreshBackOff();
    const unavailable = new AppError('temporarily_unavailable', { reason: 'status_503' });
    for (let failure = 0; failure < 12; failure += 1) backOff.noteFailure('key', unavailable);
    expect(backOff.findReason('key')).toBe('status_503');
    jump(seconds);
    expect(backOff.findReason('key')).toBe('status_503');
    pass(14);
    expect([backOff.findReason('key'), backOff.findReason('other')]).toContain(null);
  });

  it('RL-08: a cached result is kept for its minute, no longer and no shorter', async () => {
    const map = new BoundedMap<string>(10);
    const store = createMemoryStore();
    map.set('a', 'kept', 60_000);
    await store.claim('lock:a', 'kept', 60_000);
    jump(seconds);
    pass(59);
    expect([map.get('a'), await store.get('lock:a')]).toEqual(['kept', 'kept']);
    pass(1);
    expect([map.get('a'), await store.get('lock:a')]).toEqual([null, null]);
  });
});
