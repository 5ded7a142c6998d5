/**
 * A session as one of its APIs sees it: with the access token for that API in its place, and no other.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import type { Api } from '../config/apis';
import { findAccessToken, findReplacement } from '../session/access-token';
import type { Session } from '../session/session';
import type { ApiResult } from './api-result';

/** `tokens.accessToken` and its times are for `api`; for the first API when that is left out. */
export type ApiSession = Session & { api?: Api };

export type ApiAccess =
  | { kind: 'ready'; session: ApiSession }
  /** The token is got by a refresh, where cookies can be written. */
  | { kind: 'token_missing' }
  /** There is none now, and the API is not asked. */
  | Extract<ApiResult<never>, { kind: 'insufficient_scope' | 'unavailable' }>;

export function accessApi(session: Session, api: Api): ApiAccess {
  const { tokens } = session;
  const { tokenName, scopes } = api;
  const token = findAccessToken(tokens, api);
  // The token of before the APIs were changed goes nowhere, as one that has expired.
  if (tokenName === null)
    return token === null ? tokenExpired : { kind: 'ready', session: { ...session, api } };
  // Left out of the sign-in: another one for its permissions would leave it out again.
  if (token?.accessToken === null && token.expiresAtSec >= session.endsAtSec)
    return withoutToken('no_access_token');
  // Without one of its permissions the server would give a token for nothing; older sessions never asked for any.
  const [scope] = scopes;
  if (scope !== undefined && !scopes.some((one) => tokens.scopes.includes(one)))
    return { kind: 'insufficient_scope', scope };
  if (tokens.refreshToken === null) return withoutToken('no_refresh_token');
  if (token === null) return { kind: 'token_missing' };
  const { accessToken, expiresAtSec, obtainedAtSec } = token;
  if (accessToken === null)
    return expiresAtSec > nowSec() ? withoutToken('no_access_token') : { kind: 'token_missing' };
  const seen = { ...tokens, accessToken, expiresAtSec, obtainedAtSec, apiTokens: {} };
  const tokenReplacedAtSec = findReplacement(session, tokenName);
  return { kind: 'ready', session: { ...session, tokens: seen, tokenReplacedAtSec, api } };
}

/** The refresh before the call brought no new token, and the API is not asked. */
export const tokenExpired = {
  kind: 'unavailable',
  reason: 'token_expired',
  problem: 'not_refreshed',
} as const satisfies ApiResult<never>;

function withoutToken(reason: string): Extract<ApiResult<never>, { kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, problem: 'no_token' };
}
