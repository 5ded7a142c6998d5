import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import type { RejectedSession } from '../session/loaded-session';
import type { RevocationReason } from '../session/revocation-keys';
import type { Session } from '../session/session';
import { useEnvironment } from '../testing/environment';
import { offerRevocation } from '../testing/revocation-endpoint';
import { buildSession, buildTokens } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { revokeGrant, revokeGrantOnce } from './revoke-grant';

let server: TokenEndpoint;
let store: WatchedStore;
let revoked: string[];
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  store = watchStore();
  server.restart();
  revoked = offerRevocation(server);
});

const show = (reason: RevocationReason, session: Session = buildSession()) =>
  revokeGrant({ kind: 'revoked', reason, session });

describe('the grant of a session that was rejected', () => {
  it.each<RevocationReason>([
    'signed_out_everywhere',
    'back_channel_logout',
    'revoked_by_operator',
    'not_before',
  ])('BL-01, RF-19: revoked from elsewhere (%s), its refresh token is revoked once', async (reason) => {
    await show(reason);
    await show(reason);
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('RF-19: twenty requests that see it at once revoke it once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => show('back_channel_logout')));
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('RF-19: each session has its own grant revoked', async () => {
    await show('back_channel_logout');
    const tokens = buildTokens({ refreshToken: 'refresh-of-grace' });
    await show('back_channel_logout', buildSession({ id: 'session-of-grace-01234', tokens }));
    expect(revoked).toEqual(['refresh-token-1', 'refresh-of-grace']);
  });

  it.each<RevocationReason>(['signed_out_elsewhere', 'replaced', 'invalid_grant', 'refresh_rejected'])(
    'RF-19: revoked by sign-out, by a newer sign-in or by the server (%s), it keeps its grant',
    async (reason) => {
      await show(reason);
      expect(revoked).toEqual([]);
    },
  );

  it.each<RejectedSession>([
    { kind: 'expired', reason: 'idle', session: buildSession() },
    { kind: 'expired', reason: 'lifetime', session: buildSession() },
    { kind: 'unreadable', reason: 'seal_invalid', session: null },
    { kind: 'unreadable', reason: 'tokens_missing', session: { ...buildSession(), tokens: null } },
  ])('RF-19: expired or unreadable ($reason), it keeps its grant', async (rejected) => {
    await revokeGrant(rejected);
    expect(revoked).toEqual([]);
  });

  it('has nothing to revoke without a refresh token', async () => {
    await show('back_channel_logout', buildSession({ tokens: buildTokens({ refreshToken: null }) }));
    expect(revoked).toEqual([]);
  });

  it('SE-15: stays when the store does not respond or the server rejects it, without an error', async () => {
    store.goAway();
    await show('back_channel_logout');
    expect(revoked).toEqual([]);
    store.comeBack();
    offerRevocation(server, (_request, response) => response.writeHead(503).end());
    await show('back_channel_logout');
    expect(server.countOf('/revoke')).toBe(1);
  });
});

describe('a grant that could not be revoked', () => {
  const signOut = () => revokeGrantOnce(buildSession(), 'revoke');
  const wait = (ms: number) => void vi.advanceTimersByTime(ms);
  let failures: string[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    failures = [];
    vi.spyOn(log, 'logFailure').mockImplementation((event) => void failures.push(event));
    revoked = offerRevocation(server, (_request, response) => response.writeHead(503).end());
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('SE-08: is so for every sign-out of the next minute, without another request, and is logged once', async () => {
    expect(await signOut()).toBe('failed');
    wait(59_999);
    expect([await signOut(), await signOut()]).toEqual(['failed', 'failed']);
    expect(revoked).toEqual(['refresh-token-1']);
    expect(failures).toEqual(['token_revocation_failed']);
  });

  it('SE-08: is revoked by the first sign-out after that, and not once more', async () => {
    await signOut();
    revoked = offerRevocation(server);
    wait(60_001);
    expect([await signOut(), await signOut()]).toEqual(['revoked', 'revoked']);
    expect(revoked).toEqual(['refresh-token-1']);
    expect(failures).toEqual(['token_revocation_failed']);
  });

  it('SE-15: is tried at once by every sign-out while the store is away, and left by other requests', async () => {
    store.goAway();
    expect([await signOut(), await signOut()]).toEqual(['failed', 'failed']);
    expect(revoked).toHaveLength(2);
    expect(await revokeGrantOnce(buildSession(), 'leave')).toBe('failed');
    expect(revoked).toHaveLength(2);
    expect(failures.at(-1)).toBe('grant_not_revoked');
  });
});
