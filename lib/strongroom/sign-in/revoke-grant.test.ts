import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RejectionReason } from '../session/load-session';
import type { Session } from '../session/session';
import { useEnvironment } from '../testing/environment';
import { offerRevocation } from '../testing/revocation-endpoint';
import { buildSession, buildTokens } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { revokeGrant } from './revoke-grant';

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

const giveBack = (reason: RejectionReason, session: Session | null = buildSession()) =>
  revokeGrant({ kind: 'over', reason, session });

describe('giving back the grant of a session that is over', () => {
  it.each<RejectionReason>(['signed_out_everywhere', 'back_channel_logout', 'not_before'])(
    'BL-01, RF-19: ended from elsewhere (%s), its refresh token is revoked, once',
    async (reason) => {
      await giveBack(reason);
      await giveBack(reason);
      expect(revoked).toEqual(['refresh-token-1']);
    },
  );

  it('RF-19: twenty requests that see it at once revoke it once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => giveBack('back_channel_logout')));
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('RF-19: each session gives back its own', async () => {
    await giveBack('back_channel_logout');
    const tokens = buildTokens({ refreshToken: 'refresh-of-grace' });
    await giveBack('back_channel_logout', buildSession({ id: 'session-of-grace-01234', tokens }));
    expect(revoked).toEqual(['refresh-token-1', 'refresh-of-grace']);
  });

  it.each<RejectionReason>(['signed_out', 'replaced', 'expired', 'idle', 'unreadable', 'tokens_missing'])(
    'RF-19: ended by itself, by sign-out or by a newer sign-in (%s), it keeps its grant',
    async (reason) => {
      await giveBack(reason);
      expect(revoked).toEqual([]);
    },
  );

  it('has nothing to give back without a session or a refresh token', async () => {
    await giveBack('back_channel_logout', null);
    await giveBack('back_channel_logout', buildSession({ tokens: buildTokens({ refreshToken: null }) }));
    expect(revoked).toEqual([]);
  });

  it('SE-15: a store that is away, or a server that rejects, stops nobody', async () => {
    store.goAway();
    await giveBack('back_channel_logout');
    expect(revoked).toEqual([]);
    store.comeBack();
    offerRevocation(server, (_request, response) => response.writeHead(503).end());
    await giveBack('back_channel_logout');
    expect(server.countOf('/revoke')).toBe(1);
  });
});
