import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentStore } from '../store/current-store';
import { useEnvironment } from '../testing/environment';
import { ada, elsewhere, grace, issuer, noonMs, reasonOf } from '../testing/revoked-sessions';
import { noonSec } from '../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../testing/watched-store';
import { sessionKey, userRevocationReasons } from './revocation-keys';
import {
  findRevocation,
  recordReplacement,
  revokeProviderSession,
  revokeSession,
  revokeUserSessions,
} from './revocations';

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
