/** Refreshes for three APIs whose tokens hang on one rotating refresh token. Test support only. */
import { getApi } from '../config/config';
import { refreshTokens } from '../oauth/refresh/refresh-coordinator';
import { findAccessToken } from '../session/access-token';
import type { Session, TokenSet } from '../session/session';
import { buildSession, buildTokens, noonSec } from './sessions';
import {
  allScopes,
  declareThreeApis,
  rotateStrictly,
  type StrictServer,
  type TestApiName,
} from './three-apis';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint';
import { type WatchedStore, watchStore } from './watched-store';

export type RefreshQueue = {
  server: TokenEndpoint;
  strict: StrictServer;
  store: WatchedStore;
  restart(changes?: Record<string, string | undefined>, declaration?: object): void;
  /** A session in which everything has expired at once. */
  sessionOf(changes?: Partial<TokenSet>): Session;
  refresh(name: TestApiName, session?: Session): ReturnType<typeof refreshTokens>;
  refreshedTokens(name: TestApiName, session?: Session): Promise<TokenSet>;
};

export async function startRefreshQueue(): Promise<RefreshQueue> {
  const server = await startTokenEndpoint();
  const queue: RefreshQueue = {
    ...{ server, strict: rotateStrictly(server), store: watchStore() },
    restart: (changes = {}, declaration = {}) => {
      declareThreeApis({ AUTH_ISSUER: server.origin, ...changes }, declaration);
      queue.store = watchStore();
      server.restart();
      queue.strict = rotateStrictly(server);
    },
    sessionOf: (changes = {}) => sessionAt(server.origin, changes),
    refresh: (name, session = queue.sessionOf()) => refreshTokens(session, { api: getApi(name) }),
    refreshedTokens: async (name, session) => {
      const result = await queue.refresh(name, session);
      if (result.kind !== 'fresh') throw new Error(result.reason);
      return result.tokens;
    },
  };
  return queue;
}

function sessionAt(issuer: string, changes: Partial<TokenSet>): Session {
  const expired = { expiresAtSec: noonSec - 1, obtainedAtSec: noonSec - 301 };
  const apiTokens = {
    calendar: { accessToken: 'old-calendar', ...expired },
    files: { accessToken: 'old-files', ...expired },
  };
  const own = { ...expired, refreshToken: 'refresh-1', scopes: allScopes, apiTokens };
  const user = { ...buildSession().user, issuer };
  return buildSession({ user, tokens: buildTokens({ ...own, ...changes }) });
}

export const tokenOf = (tokens: TokenSet, name: TestApiName) =>
  findAccessToken(tokens, getApi(name))?.accessToken;
