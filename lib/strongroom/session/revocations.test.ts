import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentStore } from '../store/current-store';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../testing/watched-store';
import { sessionKey, userRevocationReasons } from './revocation-keys';
import {
  findRevocation,
  isRevoked,
  recordReplacement,
  revokeProviderSession,
  revokeSession,
  revokeUserSessions,
} from './revocations';
import type { Session } from './session';

const issuer = 'https://issuer.example';
const noonMs = noonSec * 1000;
const ada = buildSession({ endsAtSec: noonSec + 24 * 3600, providerSessionId: 'sid-1' });
const elsewhere = buildSession({ ...ada, id: 'session-elsewhere-0123', providerSessionId: 'sid-2' });
const grace = buildSession({
  ...ada,
  id: 'session-of-grace-01234',
  user: { ...ada.user, subject: 'user-2' },
});

let store: WatchedStore;
beforeEach(() => {
  useEnvironment({ SESSION_MAX_HOURS: '24' });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date'], now: noonMs });
});
afterEach(() => void vi.useRealTimers());

const at = (ms: number) => vi.setSystemTime(ms);

/** From now on only the store knows what was revoked, as at another instance. */
function forgetOwnRevocations(): void {
  Reflect.deleteProperty(globalThis, Symbol.for('strongroom.own-revocations'));
}

/** Why the session is revoked now, or null. */
async function reasonOf(session: Session): Promise<string | null> {
  const revocation = await findRevocation(session);
  return revocation !== null && isRevoked(revocation) ? revocation.reason : null;
}

describe('revoking one session', () => {
  it('SE-04: revokes it at once and until it would have expired, for every copy of its cookie, and no other session', async () => {
    await revokeSession(ada);
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
    expect([await reasonOf(elsewhere), await reasonOf(grace)]).toEqual([null, null]);
    at(ada.endsAtSec * 1000 - 1);
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
  });

  it('SE-09: works for a session that has expired', async () => {
    await revokeSession({ ...ada, endsAtSec: noonSec - 10 });
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
  });

  it('SE-15: is found with one trip to the store; a store that does not respond is an error', async () => {
    await findRevocation(ada);
    expect(store.calls).toHaveLength(1);
    store.goAway();
    await expect(findRevocation(ada)).rejects.toEqual(storeUnavailable());
    await expect(revokeSession(ada)).rejects.toEqual(storeUnavailable());
  });
});

describe('revocations while the store is away', () => {
  it.each<[string, () => Promise<void>, string]>([
    ['one session', () => revokeSession(ada), 'signed_out_elsewhere'],
    [
      'all of the user',
      () => revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere'),
      'signed_out_everywhere',
    ],
    [
      'the session at the authorization server',
      () => revokeProviderSession(issuer, 'sid-1'),
      'back_channel_logout',
    ],
  ])(
    'SE-04, SE-15: of %s hold in this process at once, and are written when the store is back',
    async (_what, end, reason) => {
      vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: noonMs });
      store.goAway();
      await expect(end()).rejects.toEqual(storeUnavailable());
      expect(await reasonOf(ada)).toBe(reason);
      await expect(findRevocation({ ...grace, providerSessionId: null })).rejects.toEqual(storeUnavailable());
      store.comeBack();
      await vi.advanceTimersByTimeAsync(1_000);
      forgetOwnRevocations();
      expect(await reasonOf(ada)).toBe(reason);
    },
  );

  it('SE-04, SE-15: that the store lost still hold in this process', async () => {
    await revokeSession(ada);
    await revokeUserSessions(grace.user, noonMs, 'signed_out_everywhere');
    await currentStore().close();
    expect([await reasonOf(ada), await reasonOf(grace)]).toEqual([
      'signed_out_elsewhere',
      'signed_out_everywhere',
    ]);
  });

  it('SE-04: a revocation waits until a replica has it', async () => {
    await revokeSession(ada);
    await revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere');
    await revokeProviderSession(issuer, 'sid-1');
    const methods = store.calls.map((call) => call.split(' ')[0]);
    expect(methods).toEqual(['untilReplicated', 'set', 'untilReplicated', 'raise', 'untilReplicated', 'set']);
  });
});

describe('revoking all sessions of a user', () => {
  it.each([
    [-86_400_000, 'signed_out_everywhere'],
    [-1, 'signed_out_everywhere'],
    [0, 'signed_out_everywhere'],
    [1, null],
    [60_000, null],
  ])('SE-12, BL-07: a session that began %d ms from that instant: %s', async (ms, reason) => {
    await revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere');
    expect(await reasonOf({ ...ada, startedAtMs: noonMs + ms })).toBe(reason);
  });

  it('BL-04: leaves those of another user, and of the same subject at another issuer', async () => {
    await revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere');
    expect([await reasonOf(ada), await reasonOf(elsewhere)]).toEqual([
      'signed_out_everywhere',
      'signed_out_everywhere',
    ]);
    const namesake = { ...ada, user: { ...ada.user, issuer: 'https://other.example' } };
    expect([await reasonOf(grace), await reasonOf(namesake)]).toEqual([null, null]);
  });

  it('SE-12: a call for an earlier instant never shortens a later one; a later one goes further', async () => {
    const late = { ...ada, startedAtMs: noonMs + 5_000 };
    await revokeUserSessions(ada.user, noonMs + 5_000, 'signed_out_everywhere');
    await revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere');
    at(noonMs + 5_000);
    expect(await reasonOf(late)).toBe('signed_out_everywhere');
    await revokeUserSessions(ada.user, noonMs + 6_000, 'signed_out_everywhere');
    at(noonMs + 6_000);
    expect(await reasonOf({ ...ada, startedAtMs: noonMs + 6_000 })).toBe('signed_out_everywhere');
  });

  it('SE-12: holds for as long as any session may live', async () => {
    await revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere');
    at(noonMs + 24 * 3_600_000 - 1);
    expect(await reasonOf(ada)).toBe('signed_out_everywhere');
  });
});

describe('the reason of a revocation', () => {
  it.each(userRevocationReasons)('SE-13: of all sessions of a user is kept: %s', async (reason) => {
    await revokeUserSessions(ada.user, noonMs, reason);
    expect(await reasonOf(ada)).toBe(reason);
  });

  it('SE-04: of one session is kept', async () => {
    await revokeSession(ada, 'invalid_grant');
    expect(await reasonOf(ada)).toBe('invalid_grant');
  });

  it('SE-04: may be unknown to this version; the session is revoked all the same', async () => {
    await currentStore().set(sessionKey(ada.id), `reason_of_a_newer_version ${noonMs}`, 60_000);
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
  });
});

describe('revoking all sessions that belong to one session at the authorization server', () => {
  it('BL-04: revokes sessions with that sid; no other sid, issuer, or session without one', async () => {
    await revokeProviderSession(issuer, 'sid-1');
    expect(await reasonOf(ada)).toBe('back_channel_logout');
    const others = [
      elsewhere,
      { ...ada, providerSessionId: null },
      { ...ada, user: { ...ada.user, issuer: 'https://other.example' } },
    ];
    for (const other of others) expect(await reasonOf(other)).toBeNull();
  });

  it('BL-07: revokes a sign-in on its way with that sid too; the next one has a sid of its own and is not', async () => {
    await revokeProviderSession(issuer, 'sid-1');
    at(noonMs + 1_000);
    const started = { ...ada, startedAtMs: noonMs + 1_000 };
    expect(await reasonOf(started)).toBe('back_channel_logout');
    expect(await reasonOf({ ...started, providerSessionId: 'sid-3' })).toBeNull();
  });
});

describe('a session that a newer one replaced', () => {
  it('SE-01: stays active for a minute for requests on their way, and is revoked then', async () => {
    await recordReplacement(ada);
    expect(await findRevocation(ada)).toEqual({ reason: 'replaced', fromMs: noonMs + 60_000 });
    at(noonMs + 59_999);
    expect(await reasonOf(ada)).toBeNull();
    at(noonMs + 60_000);
    expect(await reasonOf(ada)).toBe('replaced');
  });

  it('SE-04: replacing never overwrites a revocation that is in force', async () => {
    await revokeSession(ada);
    await recordReplacement(ada);
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
  });

  it('SE-04: signing out revokes it at once', async () => {
    await recordReplacement(ada);
    await revokeSession(ada);
    expect(await reasonOf(ada)).toBe('signed_out_elsewhere');
  });

  it.each([
    [
      'everywhere',
      () => revokeUserSessions(ada.user, noonMs, 'signed_out_everywhere'),
      'signed_out_everywhere',
    ],
    ['at the authorization server', () => revokeProviderSession(issuer, 'sid-1'), 'back_channel_logout'],
  ])(
    'SE-12: a revocation %s that is in force counts at once, not after the minute',
    async (_where, end, reason) => {
      await recordReplacement(ada);
      await end();
      expect(await reasonOf(ada)).toBe(reason);
    },
  );
});

describe('SESSIONS_NOT_BEFORE', () => {
  it('SE-13: revokes every session that began before it, without a store; not those that began then', async () => {
    useEnvironment({ SESSIONS_NOT_BEFORE: '2026-03-12T12:00:00Z' });
    store = watchStore();
    expect(await reasonOf({ ...ada, startedAtMs: noonMs })).toBeNull();
    store.goAway();
    expect(await reasonOf({ ...ada, startedAtMs: noonMs - 1 })).toBe('not_before');
  });
});
