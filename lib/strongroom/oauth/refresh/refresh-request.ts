/**
 * Sends one refresh token to the token endpoint and validates the response. Only the coordinator calls it,
 * while it holds the lock. @see RFC 6749 §6
 */
import 'server-only';
import { nowSec } from '../../base/clock';
import { AppError } from '../../base/errors';
import { logFailure } from '../../base/log';
import type { Api } from '../../config/apis';
import { getApi, getConfig } from '../../config/config';
import { withAccessToken } from '../../session/access-token';
import type { User } from '../../session/session';
import { sendTokenRequest } from '../client-request';
import { readGrantedScopes, scopeParameter } from '../granted-scopes';
import { verifyIdToken } from '../id-token';
import { expectedSigner } from '../signing-keys';
import { endOfRefreshToken, type TokenParts, type TokenResult, validateTokenParts } from '../token-response';
import { revokeRefreshToken } from '../token-revocation';
import type { ChainLink, RefreshableTokens } from './result-cache';

export type RefreshRequestResult =
  | { kind: 'fresh'; tokens: RefreshableTokens }
  /** The access token cannot be used: `tokens` have what came beside it, maybe the next refresh token. */
  | { kind: 'unusable'; tokens: RefreshableTokens; error: AppError }
  /** `invalid_grant` when the refresh token or the ID token was rejected; any other code may pass. */
  | { kind: 'failed'; error: AppError };

/**
 * Longer than any server takes. A request that was sent is not aborted, because its response may hold the
 * only valid refresh token; pages do not wait that long.
 */
const limits = { timeoutMs: 120_000, maxBytes: 1_000_000 };

/** @param api whose access token is wanted. @see RFC 8707 §2.2 */
export async function requestFreshTokens(
  link: ChainLink,
  user: User,
  api: Api = getApi(),
): Promise<RefreshRequestResult> {
  // The clock is read before the request, so a slow response never makes a token look younger than it is.
  const sentAtSec = nowSec();
  try {
    const response = await sendRefreshRequest(link, api);
    const idToken = await verifyRefreshedIdToken(response, user);
    const { problem: error } = response;
    const tokens = { ...link.tokens, ...readRotation(link, response, sentAtSec) };
    if (error !== null) return { kind: 'unusable', tokens, error };
    return { kind: 'fresh', tokens: mergeTokens(tokens, { ...response, idToken, sentAtSec }, api) };
  } catch (error) {
    return { kind: 'failed', error: AppError.from(error) };
  }
}

async function sendRefreshRequest({ tokens }: ChainLink, api: Api): Promise<TokenParts> {
  const { refreshToken, scopes, dpopKey } = tokens;
  const parameters = { refresh_token: refreshToken, ...scopeParameter(scopes, api, getConfig()) };
  const options = { ...limits, dpopKey, audience: api.audience };
  const response = await sendTokenRequest('refresh_token', parameters, options);
  const { assumedLifetimeSec: assumedSec } = getConfig();
  return validateTokenParts(response, { isBound: dpopKey !== null, assumedSec });
}

/** What the response leaves out stays as it was. @see RFC 6749 §6 */
function readRotation({ key, tokens: old }: ChainLink, response: TokenResult, sentAtSec: number) {
  const { refreshToken, refreshLifetimeSec } = response;
  const isRotated = refreshToken !== null && refreshToken !== old.refreshToken;
  const saysWhenRefreshTokenEnds = refreshToken !== null || refreshLifetimeSec !== null;
  return {
    refreshToken: refreshToken ?? old.refreshToken,
    // A new refresh token without a lifetime has no end that we know.
    refreshEndsAtSec: saysWhenRefreshTokenEnds
      ? endOfRefreshToken(response, sentAtSec)
      : old.refreshEndsAtSec,
    previousRefreshKey: isRotated ? key : old.previousRefreshKey,
    refreshes: old.refreshes + 1,
  };
}

/** @see OIDC Core §12.2 */
function mergeTokens(
  old: RefreshableTokens,
  { accessToken, lifetimeSec, sentAtSec, scopes, idToken }: TokenResult & { sentAtSec: number },
  api: Api,
): RefreshableTokens {
  const { tokenName } = api;
  const token = { accessToken, expiresAtSec: sentAtSec + lifetimeSec, obtainedAtSec: sentAtSec };
  return {
    ...withAccessToken(old, api, token),
    // Who the user is comes with the first token alone (refreshed-identity.ts).
    idToken: (tokenName === null ? idToken : null) ?? old.idToken,
    // A refresh never adds permissions.
    scopes: readGrantedScopes({ scopes, refreshToken: old.refreshToken }, old.scopes, {
      apis: getConfig().apis,
      tokenName,
    }),
  };
}

/**
 * An ID token that comes with a refresh must be for the same user: otherwise it is unknown whose tokens these
 * are, and the refresh token is revoked. One with which nothing is wrong, but for a key that cannot be had
 * now or a clock, is left out: the tokens beside it may be the only valid ones.
 * @see OIDC Core §12.2
 * @throws AppError `invalid_grant`
 */
async function verifyRefreshedIdToken(response: TokenResult, user: User): Promise<string | null> {
  const { idToken, accessToken, refreshToken } = response;
  // At a server without ID tokens, one that comes all the same says nothing.
  if (idToken === null || getConfig().userClaims !== null) return null;
  try {
    await verifySameUser(idToken, accessToken, user);
    return idToken;
  } catch (cause) {
    const error = AppError.from(cause);
    if (error.isUnverifiable) {
      logFailure('refreshed_id_token_unverified', error);
      return null;
    }
    if (refreshToken !== null) await revokeRefreshToken(refreshToken);
    const isOfAnother = error.reason === 'id_token_sub' || error.reason === 'id_token_iss';
    const reason = isOfAnother ? 'refreshed_id_token_sub' : 'refreshed_id_token_rejected';
    throw new AppError('invalid_grant', { reason, cause });
  }
}

async function verifySameUser(
  idToken: string,
  accessToken: string,
  { issuer, subject }: User,
): Promise<void> {
  const signer = await expectedSigner({ isPatient: true });
  await verifyIdToken(idToken, { ...signer, issuer, subject, accessToken, nonce: null });
}
