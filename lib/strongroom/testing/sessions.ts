/** A session for tests. Test support only. */
import { nowSec } from '../base/clock';
import type { Session, TokenSet } from '../session/session';

/** Seconds since the epoch: a fixed moment. */
export const noonSec = Date.UTC(2026, 2, 12, 12) / 1000;

export function buildTokens(changes: Partial<TokenSet> = {}): TokenSet {
  return {
    accessToken: 'access-token-1',
    expiresAtSec: noonSec + 300,
    obtainedAtSec: noonSec,
    refreshToken: 'refresh-token-1',
    refreshEndsAtSec: null,
    previousRefreshKey: null,
    idToken: 'header.payload.signature',
    dpopKey: null,
    scopes: ['openid', 'profile', 'email', 'offline_access', 'read:contacts'],
    apiTokens: {},
    refreshes: 0,
    ...changes,
  };
}

export function buildSession({ tokens, ...changes }: Partial<Session> = {}): Session {
  return {
    id: 'session-0123456789abcdef',
    user: {
      issuer: 'https://issuer.example',
      subject: 'user-1',
      name: 'Ada',
      email: 'ada@example.test',
      picture: null,
    },
    tokens: tokens ?? buildTokens(),
    tokenReplacedAtSec: null,
    apiTokensReplacedAtSec: {},
    startedAtMs: noonSec * 1000,
    lastSeenAtSec: noonSec,
    endsAtSec: noonSec + 3600,
    predecessors: [],
    providerSessionId: null,
    authTimeSec: noonSec,
    acr: null,
    claims: {},
    roles: [],
    binding: null,
    ...changes,
  };
}

/** A session of this hour by the clock of this machine, for tests that hold no clock. */
export function buildPresentSession(): Session {
  const endsAtSec = nowSec() + 3_600;
  return buildSession({
    tokens: buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: endsAtSec }),
    startedAtMs: nowSec() * 1000,
    lastSeenAtSec: nowSec(),
    endsAtSec,
  });
}
