import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OverReason } from '@/lib/session/look-up-session';
import type { Session } from '@/lib/session/session';
import { useEnvironment } from '@/lib/testing/environment';
import { offerRevocation } from '@/lib/testing/revocation-endpoint';
import { buildSession, buildTokens } from '@/lib/testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '@/lib/testing/token-endpoint';
import { type WatchedStore, watchStore } from '@/lib/testing/watched-store';
import { giveBackGrant } from './give-back-grant';

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

const giveBack = (reason: OverReason, session: Session | null = buildSession()) =>
  giveBackGrant({ kind: 'over', reason, session });

describe('giving back the grant of a session that is over', () => {
  it.each<OverReason>(['person_ended', 'back_channel', 'not_before'])(
    'BL-01, RF-19: ended from elsewhere (%s), its refresh token is revoked, once',
    async (reason) => {
      await giveBack(reason);
      await giveBack(reason);
      expect(revoked).toEqual(['refresh-token-1']);
    },
  );

  it('RF-19: twenty requests that see it at once revoke it once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => giveBack('back_channel')));
    expect(revoked).toEqual(['refresh-token-1']);
  });

  it('RF-19: each session gives back its own', async () => {
    await giveBack('back_channel');
    const tokens = buildTokens({ refreshToken: 'refresh-of-grace' });
    await giveBack('back_channel', buildSession({ id: 'session-of-grace-01234', tokens }));
    expect(revoked).toEqual(['refresh-token-1', 'refresh-of-grace']);
  });

  it.each<OverReason>(['signed_out', 'replaced', 'expired', 'idle', 'not_ours', 'tokens_gone'])(
    'RF-19: ended by itself, by sign-out or by a newer sign-in (%s), it keeps its grant',
    async (reason) => {
      await giveBack(reason);
      expect(revoked).toEqual([]);
    },
  );

  it('has nothing to give back without a session or a refresh token', async () => {
    await giveBack('back_channel', null);
    await giveBack('back_channel', buildSession({ tokens: buildTokens({ refreshToken: null }) }));
    expect(revoked).toEqual([]);
  });

  it('SE-15: a store that is away, or a server that refuses, stops nobody', async () => {
    store.goAway();
    await giveBack('back_channel');
    expect(revoked).toEqual([]);
    store.comeBack();
    offerRevocation(server, (_request, response) => response.writeHead(503).end());
    await giveBack('back_channel');
    expect(server.countOf('/revoke')).toBe(1);
  });
});
