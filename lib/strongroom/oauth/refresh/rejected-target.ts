/**
 * When the authorization server gives no access token for one API: that costs this API alone, for five minutes, and
 * the session and its other tokens go on. The log names where the audience of that API is set.
 * @see RFC 8707 §2 (invalid_target)
 */
import 'server-only';
import { isDeepStrictEqual } from 'node:util';
import { decodeJwt } from 'jose';
import { nowSec } from '../../base/clock';
import { AppError } from '../../base/errors';
import { logFailure, logWarning } from '../../base/log';
import { type Api, isScopeOfAlone } from '../../config/apis';
import { getApi, getConfig } from '../../config/config';
import { withAccessToken } from '../../session/access-token';
import type { RefreshableTokens } from './result-cache';

const pauseSec = 300;

/** Whether a failed refresh says something of this API only, and nothing of the refresh token. */
export function isAboutTarget(
  { code, reason, isUnexplainedRejection }: AppError,
  { tokenName }: Api,
): boolean {
  if (code === 'invalid_target' || code === 'invalid_scope') return true;
  // Some say so too where the user has not consented to that API: whether the refresh token is over is for the first token to find out.
  if (tokenName !== null && reason === 'invalid_grant') return true;
  // Servers that know no resource indicators have codes of their own for an API that they do not give.
  return tokenName !== null && isUnexplainedRejection;
}

/** The tokens as before, but for that API: the server is not asked for it again until the pause is over. */
export function pauseTarget(tokens: RefreshableTokens, api: Api, error: AppError): RefreshableTokens {
  logPause(error, api);
  const token = { accessToken: null, expiresAtSec: nowSec() + pauseSec, obtainedAtSec: nowSec() };
  const { apiTokens } = withAccessToken(tokens, api, token);
  // The user consented to none of its own scopes: its pages ask for one.
  const scopes = error.code === 'invalid_scope' ? withoutScopesOf(tokens, api) : tokens.scopes;
  return { ...tokens, apiTokens, scopes, refreshes: tokens.refreshes + 1 };
}

/** That a user declined an API is no failure. */
function logPause(error: AppError, { name, scopes, audience, audienceSource }: Api): void {
  const { code, reason } = error;
  const fields = { api: name, audience: audience ?? 'none', variable: audienceSource };
  if (code === 'invalid_scope')
    logWarning('permission_not_granted', { api: name, permissions: scopes.join(' ') });
  else logFailure('refresh_failed', error, { code, reason, isFinal: false, ...fields });
}

function withoutScopesOf(tokens: RefreshableTokens, api: Api): string[] {
  const { apis } = getConfig();
  return tokens.scopes.filter((scope) => !isScopeOfAlone(apis, api.tokenName, scope));
}

/**
 * A server that ignores `resource` gives tokens for the first API: they name its audience, or the one that its
 * token names. None is sent to another API, unless the operator says that it is for both.
 */
export function keepToItsTarget(tokens: RefreshableTokens, api: Api): RefreshableTokens {
  const { tokenName, audience } = api;
  const accessToken = tokenName === null ? null : (tokens.apiTokens[tokenName]?.accessToken ?? null);
  const isFirst = accessToken !== null && accessToken === tokens.accessToken;
  const first = getApi().audience;
  const named = isFirst ? [first] : readAudience(accessToken ?? '');
  if (named === null || first === null || audience === null || named.includes(audience)) return tokens;
  if (!named.includes(first) && !isDeepStrictEqual(named, readAudience(tokens.accessToken))) return tokens;
  return pauseTarget(tokens, api, new AppError('invalid_target', { reason: 'token_audience' }));
}

/** Of a JWT, sorted, unverified: it decides where not to send it, and nothing else. null: it is opaque. */
function readAudience(accessToken: string): string[] | null {
  try {
    return [decodeJwt(accessToken).aud ?? []].flat().toSorted();
  } catch {
    return null;
  }
}
