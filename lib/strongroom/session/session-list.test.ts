import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { recordReplacement, revokeSession, revokeUserSessions } from './revocations';
import { listOtherSessions, listSession } from './session-list';

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const here = buildSession({ id: 'session-here-0123456789ab' });
const there = buildSession({ id: 'session-there-0123456789a', startedAtMs: noonSec * 1000 + 1 });
const browsers = async () => (await listOtherSessions(here)).map(({ browser }) => browser);

describe('SE-12: the list of a user’s sessions', () => {
  it('SE-12: lists the other sessions, newest first, and not the one that asks', async () => {
    await listSession(here, 'Firefox on Linux');
    await listSession(there, 'Chrome on Android');
    await listSession(buildSession({ id: 'session-third-0123456789a' }), null);
    expect(await browsers()).toEqual([null, 'Chrome on Android']);
  });

  it('SE-12: one sign-in is listed once, however often its callback was delivered', async () => {
    await listSession(there, 'Chrome');
    await listSession(there, 'Chrome');
    expect(await browsers()).toEqual(['Chrome']);
  });

  it('SE-12: a user does not see the sessions of another user', async () => {
    await listSession(there, 'Chrome');
    const grace = buildSession({ user: { ...here.user, subject: 'user-2' } });
    expect(await listOtherSessions(grace)).toEqual([]);
  });

  it.each([
    ['was signed out', () => revokeSession(there)],
    ['was replaced by a newer one in its browser', () => recordReplacement(there)],
    [
      'was revoked with all of its user',
      () => revokeUserSessions(there.user, noonSec * 1000 + 5, 'signed_out_everywhere'),
    ],
    ['has expired', async () => void vi.setSystemTime(there.endsAtSec * 1000)],
  ])('SE-12: a session that %s is not listed', async (_how, end) => {
    await listSession(there, 'Chrome');
    await end();
    expect(await browsers()).toEqual([]);
  });

  it('RL-06: at most twenty are kept', async () => {
    for (let number = 10; number < 40; number += 1)
      await listSession(buildSession({ id: `session-${number}-0123456789abcd` }), `Browser ${number}`);
    expect(await browsers()).toHaveLength(20);
  });
});
