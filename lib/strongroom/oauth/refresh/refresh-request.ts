/** Asks for new tokens with a refresh token, and judges the answer. Callers go through refresh-ledger.ts. @see RFC 6749 §6 */
import 'server-only';
import { decodeJwt } from 'jose';
import { nowSec } from '../../base/clock';
import { AppError, findAppError } from '../../base/errors';
import { logFailure } from '../../base/log';
import { getConfig } from '../../config/config';
import type { TokenSet, User } from '../../session/session';
import { readGrantedScopes } from '../granted-scopes';
import { verifyIdToken } from '../id-token';
import { getClientContext, sendTokenRequest } from '../send-request';
import { signingKeys } from '../signing-keys';
import { endOfRefreshToken, type TokenResult, validateTokenResponse } from '../token-response';
import { revokeRefreshToken } from '../token-revocation';

/**
 * Longer than any server takes: a refresh that was sent is not abandoned, its answer may hold the only valid refresh token. Pages do not wait
 * that long.
 */
const limits = { timeoutMs: 120_000, maxBytes: 1_000_000 };

/** @throws AppError: `invalid_grant` when the grant is over, anything else when it is worth asking again later */
export async function requestFreshTokens(
  tokens: TokenSet,
  refreshToken: string,
  user: User,
): Promise<TokenSet> {
  // The clock is read before the request: a slow answer never makes a token look younger than it is.
  const askedAtSec = nowSec();
  const answer = await sendRefreshRequest(refreshToken);
  const idToken = await validateRefreshedIdToken(answer, user);
  return {
    accessToken: answer.accessToken,
    expiresAtSec: askedAtSec + answer.lifetimeSec,
    obtainedAtSec: askedAtSec,
    refreshToken: answer.refreshToken ?? refreshToken,
    // A new refresh token that says nothing of its end has none that we know.
    refreshEndsAtSec:
      answer.refreshToken === null && answer.refreshLifetimeSec === null
        ? tokens.refreshEndsAtSec
        : endOfRefreshToken(answer, askedAtSec),
    previousRefreshKey: null,
    idToken: idToken ?? tokens.idToken,
    // Nothing widens by refreshing, and an answer without a new refresh token keeps the old one. @see RFC 6749 §6
    scopes: readGrantedScopes({ scopes: answer.scopes, refreshToken }, tokens.scopes),
    isAfterRejection: false,
  };
}

async function sendRefreshRequest(refreshToken: string): Promise<TokenResult> {
  const parameters = { refresh_token: refreshToken };
  return validateTokenResponse(await sendTokenRequest('refresh_token', parameters, limits));
}

/**
 * A refreshed ID token must still be about the same person: one that is not believed ends the session. One that cannot be checked now,
 * because the keys are out of reach, is left out: the tokens that came with it may be the only valid ones. @see OIDC Core §12.2
 */
async function validateRefreshedIdToken(
  { idToken, accessToken, refreshToken }: TokenResult,
  user: User,
): Promise<string | null> {
  if (idToken === null) return null;
  const { server, client } = await getClientContext();
  const keys = signingKeys(server.jwks_uri, { isPatient: true });
  const algorithm = getConfig().signingAlgorithm;
  const expected = {
    issuer: user.issuer,
    clientId: client.client_id,
    keys,
    algorithm,
    accessToken,
    nonce: null,
  };
  try {
    const claims = await verifyIdToken(idToken, expected);
    if (claims.sub === user.subject) return idToken;
    throw new AppError('invalid_response', { reason: 'id_token_sub' });
  } catch (error) {
    const known = findAppError(error);
    const isAboutOther = isAboutSomebodyElse(idToken, user);
    const isRejected = known?.code === 'invalid_response' && !known.isUnverifiable;
    if (known !== null && (isRejected || isAboutOther)) {
      // Whose tokens these are is unknown: nobody keeps them. @see RFC 7009 §1
      if (refreshToken !== null) await revokeRefreshToken(refreshToken);
      const reason = isAboutOther ? 'refreshed_id_token_sub' : 'refreshed_id_token_rejected';
      throw new AppError('invalid_grant', { reason, cause: error });
    }
    logFailure('refreshed_id_token_unchecked', error);
    return null;
  }
}

/** What it says of itself, checked or not: about anybody else it is never left out, it is rejected. */
function isAboutSomebodyElse(idToken: string, { issuer, subject }: User): boolean {
  try {
    const { iss, sub } = decodeJwt(idToken);
    return iss !== issuer || sub !== subject;
  } catch {
    return true;
  }
}
