/** Which session a callback leaves in the browser: after a logout meanwhile, of another account, in place of an older one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSession } from '../session/load-session';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { noteUserLogout, revokeProviderSession, revokeUserSessions } from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { pseudonymOf } from '../session/user-pseudonym';
import { type Arrival, startArrivals } from '../testing/callbacks';
import { buildSession, noonSec } from '../testing/sessions';
import type { CallbackResult } from './callback';

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

describe('a logout that the server reports while the code is exchanged', () => {
  const grace = { issuer: 'https://issuer.example', subject: 'user-2' };

  /** The code is at the token endpoint while `report` runs. */
  async function exchangeDuring(report: () => Promise<void>): Promise<CallbackResult> {
    const id_token = await arrival.signIdToken({ sid: 's'.repeat(300) });
    const delivery = arrival.deliver();
    const { respond } = await arrival.server.arrival();
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
          { issuer: arrival.server.origin, subject: 'user-1' },
          noonSec * 1000 + 400,
          'back_channel_logout',
        ),
    ],
    [
      'by sub, with a clock that is behind',
      () => noteUserLogout({ issuer: arrival.server.origin, subject: 'user-1' }),
    ],
    [
      'by a sid of 300 characters',
      () => revokeProviderSession(arrival.server.origin, shortenProviderSessionId('s'.repeat(300))),
    ],
  ])('BL-01: %s, ends the session that comes of it, and no pending action runs', async (_, report) => {
    await arrival.begin({
      stepUp: { requirement: { maxAgeSec: null, acrValues: [] }, pendingId: 'pending-1' },
    });
    expect(await exchangeDuring(report)).toMatchObject({ kind: 'signed_in', transaction: { stepUp: null } });
    expect(await loadSession(arrival.jar)).toMatchObject({ kind: 'revoked', reason: 'back_channel_logout' });
  });

  it('BL-01: of another user, or before the sign-in, ends nothing', async () => {
    await noteUserLogout({ issuer: arrival.server.origin, subject: 'user-1' });
    vi.setSystemTime(noonSec * 1000 + 1);
    await exchangeDuring(() => noteUserLogout(grace));
    expect(await loadSession(arrival.jar)).toMatchObject({ kind: 'active' });
  });
});

describe('another account than the one that asked for more', () => {
  const ada = () => ({ ...buildSession().user, issuer: arrival.server.origin, subject: 'user-ada' });
  const askAs = async (user: Session['user']) => {
    await arrival.begin({ owner: pseudonymOf(user) });
    await arrival.offerTokens();
  };

  it('CB-26: is not taken: the session that asked stays as it was', async () => {
    const current = buildSession({ user: ada() });
    await writeSession(arrival.jar, current);
    await askAs(ada());
    expect(await arrival.deliver(current)).toMatchObject({
      kind: 'another_account',
      session: { user: { subject: 'user-1' } },
    });
    expect(await loadSession(arrival.jar)).toMatchObject({
      session: { id: current.id, user: { subject: 'user-ada' } },
    });
  });

  it('CB-26: is not taken either when the session has ended meanwhile', async () => {
    await askAs(ada());
    expect(await arrival.deliver()).toMatchObject({ kind: 'another_account' });
  });

  it.each([
    ['the same user, under another name', 'user-1'],
    ['a user who signed in with it in another tab meanwhile', 'user-ada'],
  ])('CB-26: %s, is taken', async (_, asked) => {
    await askAs({ ...ada(), subject: asked });
    const current = buildSession({ user: { ...ada(), subject: 'user-1', name: 'Other' } });
    expect(await arrival.deliver(current)).toMatchObject({ kind: 'signed_in' });
  });
});

describe('a sign-in in a browser that has a session of the same user', () => {
  const signInAgain = async (): Promise<Session> => {
    const loaded = await loadSession(arrival.jar);
    await arrival.begin();
    await arrival.offerTokens();
    await arrival.deliver(loaded.kind === 'active' ? loaded.session : null);
    const next = await loadSession(arrival.jar);
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
