import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentStore } from '../store/current-store';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../testing/watched-store';
import {
  findRevocation,
  isRevoked,
  markSessionReplaced,
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

/** Why the session is over now, or null. */
async function reasonOf(session: Session): Promise<string | null> {
  const revocation = await findRevocation(session);
  return revocation !== null && isRevoked(revocation) ? revocation.reason : null;
}

describe('revocation one session', () => {
  it('SE-04: it is over at once and until it would have ended, whoever holds its cookie; no other is', async () => {
    await revokeSession(ada);
    expect(await reasonOf(ada)).toBe('signed_out');
    expect([await reasonOf(elsewhere), await reasonOf(grace)]).toEqual([null, null]);
    at(ada.endsAtSec * 1000 - 1);
    expect(await reasonOf(ada)).toBe('signed_out');
  });

  it('SE-09: one that has ended by itself may still be ended', async () => {
    await revokeSession({ ...ada, endsAtSec: noonSec - 10 });
    expect(await reasonOf(ada)).toBe('signed_out');
  });

  it('SE-15: whether it has ended takes one trip to the store, and a store that is away is no answer', async () => {
    await findRevocation(ada);
    expect(store.calls).toHaveLength(1);
    store.goAway();
    await expect(findRevocation(ada)).rejects.toEqual(storeUnavailable());
    await expect(revokeSession(ada)).rejects.toEqual(storeUnavailable());
  });
});

describe('revocations while the store is away', () => {
  it.each<[string, () => Promise<void>, string]>([
    ['one session', () => revokeSession(ada), 'signed_out'],
    ['all of the user', () => revokeUserSessions(ada.user, noonMs), 'signed_out_everywhere'],
    [
      'the session at the authorization server',
      () => revokeProviderSession(issuer, 'sid-1'),
      'back_channel_logout',
    ],
  ])(
    'SE-04, SE-15: of %s: known here before the store is back, and written then',
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

  it('SE-04, SE-15: that the store lost hold here all the same', async () => {
    await revokeSession(ada);
    await revokeUserSessions(grace.user, noonMs);
    await currentStore().close();
    expect([await reasonOf(ada), await reasonOf(grace)]).toEqual(['signed_out', 'signed_out_everywhere']);
  });

  it('SE-04: a revocation waits until a replica has it', async () => {
    await revokeSession(ada);
    await revokeUserSessions(ada.user, noonMs);
    await revokeProviderSession(issuer, 'sid-1');
    const methods = store.calls.map((call) => call.split(' ')[0]);
    expect(methods).toEqual(['set', 'waitForReplica', 'raise', 'waitForReplica', 'set', 'waitForReplica']);
  });
});

describe('revocation all sessions of a person', () => {
  it.each([
    [-86_400_000, 'signed_out_everywhere'],
    [-1, 'signed_out_everywhere'],
    [0, 'signed_out_everywhere'],
    [1, null],
    [60_000, null],
  ])('SE-12, BL-07: one that began %d ms from that instant: %s', async (ms, reason) => {
    await revokeUserSessions(ada.user, noonMs);
    expect(await reasonOf({ ...ada, startedAtMs: noonMs + ms })).toBe(reason);
  });

  it('BL-04: nobody else’s: not another person’s, nor those of the same subject at another issuer', async () => {
    await revokeUserSessions(ada.user, noonMs);
    expect([await reasonOf(ada), await reasonOf(elsewhere)]).toEqual([
      'signed_out_everywhere',
      'signed_out_everywhere',
    ]);
    const namesake = { ...ada, user: { ...ada.user, issuer: 'https://other.example' } };
    expect([await reasonOf(grace), await reasonOf(namesake)]).toEqual([null, null]);
  });

  it('SE-12: a call for an earlier instant never shortens a later one; a later one goes further', async () => {
    const late = { ...ada, startedAtMs: noonMs + 5_000 };
    await revokeUserSessions(ada.user, noonMs + 5_000);
    await revokeUserSessions(ada.user, noonMs);
    at(noonMs + 5_000);
    expect(await reasonOf(late)).toBe('signed_out_everywhere');
    await revokeUserSessions(ada.user, noonMs + 6_000);
    at(noonMs + 6_000);
    expect(await reasonOf({ ...ada, startedAtMs: noonMs + 6_000 })).toBe('signed_out_everywhere');
  });

  it('SE-12: it holds for as long as any session may live', async () => {
    await revokeUserSessions(ada.user, noonMs);
    at(noonMs + 24 * 3_600_000 - 1);
    expect(await reasonOf(ada)).toBe('signed_out_everywhere');
  });
});

describe('revocation a session at the authorization server', () => {
  it('BL-04: ends what hangs on its sid, and no other sid, issuer, or session without one', async () => {
    await revokeProviderSession(issuer, 'sid-1');
    expect(await reasonOf(ada)).toBe('back_channel_logout');
    const others = [
      elsewhere,
      { ...ada, providerSessionId: null },
      { ...ada, user: { ...ada.user, issuer: 'https://other.example' } },
    ];
    for (const other of others) expect(await reasonOf(other)).toBeNull();
  });

  it('BL-07: a sign-in on its way with that sid is over too; the next one, with a sid of its own, is not', async () => {
    await revokeProviderSession(issuer, 'sid-1');
    at(noonMs + 1_000);
    const started = { ...ada, startedAtMs: noonMs + 1_000 };
    expect(await reasonOf(started)).toBe('back_channel_logout');
    expect(await reasonOf({ ...started, providerSessionId: 'sid-3' })).toBeNull();
  });
});

describe('a session that a newer one replaced', () => {
  it('SE-01: goes on for a minute for requests on their way, and is over then', async () => {
    await markSessionReplaced(ada);
    expect(await findRevocation(ada)).toEqual({ reason: 'replaced', fromMs: noonMs + 60_000 });
    at(noonMs + 59_999);
    expect(await reasonOf(ada)).toBeNull();
    at(noonMs + 60_000);
    expect(await reasonOf(ada)).toBe('replaced');
  });

  it('SE-04: replacing comes never in the place of an revocation that holds', async () => {
    await revokeSession(ada);
    await markSessionReplaced(ada);
    expect(await reasonOf(ada)).toBe('signed_out');
  });

  it('SE-04: signing out ends it at once', async () => {
    await markSessionReplaced(ada);
    await revokeSession(ada);
    expect(await reasonOf(ada)).toBe('signed_out');
  });

  it.each([
    ['everywhere', () => revokeUserSessions(ada.user, noonMs), 'signed_out_everywhere'],
    ['at the authorization server', () => revokeProviderSession(issuer, 'sid-1'), 'back_channel_logout'],
  ])('SE-12: an revocation %s, which holds already, goes before the minute', async (_where, end, reason) => {
    await markSessionReplaced(ada);
    await end();
    expect(await reasonOf(ada)).toBe(reason);
  });
});

describe('SESSIONS_NOT_BEFORE', () => {
  it('SE-13: ends every session that began before it, without a store; not those that began then', async () => {
    useEnvironment({ SESSIONS_NOT_BEFORE: '2026-03-12T12:00:00Z' });
    store = watchStore();
    expect(await reasonOf({ ...ada, startedAtMs: noonMs })).toBeNull();
    store.goAway();
    expect(await reasonOf({ ...ada, startedAtMs: noonMs - 1 })).toBe('not_before');
  });
});
