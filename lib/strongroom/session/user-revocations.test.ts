/** All sessions of a user, or all that belong to one session at the authorization server, are revoked by one record. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { ada, elsewhere, grace, issuer, noonMs, reasonOf } from '../testing/revoked-sessions';
import { revokeProviderSession, revokeUserSessions } from './revocations';

beforeEach(() => {
  useEnvironment({ SESSION_MAX_HOURS: '24' });
  vi.useFakeTimers({ toFake: ['Date'], now: noonMs });
});
afterEach(() => void vi.useRealTimers());

const at = (ms: number) => vi.setSystemTime(ms);

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
