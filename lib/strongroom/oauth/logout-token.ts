/**
 * Verifies a logout token in full: the authorization server says that a session, or every session of a user,
 * has ended there.
 * @see OIDC Back-Channel Logout 1.0 §2.4 (content) and §2.6 (validation)
 */
import 'server-only';
import { type Clock, nowSec } from '../base/clock';
import { AppError, type ReasonOf } from '../base/errors';
import { isRecord } from '../base/guards';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { type SigningKeys, verifySignedToken } from './signed-token';
import { isSubject, type TokenClaims, type TokenHeader } from './token-types';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** A server that could not reach us tries again for a while; a token older than this is rejected. */
export const maxLogoutTokenAgeSec = 600;
const maxChars = 16_000;

const reasons = {
  malformed: 'logout_token_malformed',
  encrypted: 'logout_token_encrypted',
  alg: 'logout_token_alg',
  kid: 'logout_token_key',
  signature: 'logout_token_signature',
  typ: 'logout_token_typ',
  iss: 'logout_token_iss',
  aud: 'logout_token_aud',
  exp: 'logout_token_exp',
  iat: 'logout_token_iat',
  nbf: 'logout_token_nbf',
  jti: 'logout_token_jti',
  sid: 'logout_token_sid',
  sub: 'logout_token_sub',
  nonce: 'logout_token_nonce',
  events: 'logout_token_events',
} as const;

export type LogoutEvent = {
  /** Identifies this token, so that it is accepted once. */
  jti: string;
  issuedAtSec: number;
  /** That session alone, as `shortenProviderSessionId` gives it. Without it, every session of `subject`. */
  providerSessionId: string | null;
  subject: string | null;
};

export type LogoutExpectation = {
  issuer: string;
  clientId: string;
  keys: SigningKeys;
  algorithm?: string | readonly string[] | null;
};

/**
 * @throws AppError `invalid_response` with the failed check as reason; `temporarily_unavailable` when the
 *   keys are out of reach
 */
export async function verifyLogoutToken(
  token: string,
  expected: LogoutExpectation,
  clock: Clock = nowSec,
): Promise<LogoutEvent> {
  if (token.length > maxChars) reject('logout_token_too_large');
  const rules = { ...expected, reasons, maxAgeSec: maxLogoutTokenAgeSec, validate };
  return readEvent(await verifySignedToken(token, rules, clock));
}

/**
 * What tells it from other tokens that are signed by the same keys: its type, its event, and no nonce. Some
 * servers leave out `exp`: `iat` and `jti` bound its use all the same. @see RFC 8725 §3.11
 */
function validate({ typ }: TokenHeader, { events, nonce, jti, sid, sub }: TokenClaims): void {
  if (typ !== undefined && !/^(JWT|(application\/)?logout\+jwt)$/i.test(typ)) reject('logout_token_typ');
  if (jti === undefined || jti === '') reject('logout_token_jti');
  if (!isRecord(events?.[logoutEvent])) reject('logout_token_events');
  if (nonce !== undefined) reject('logout_token_nonce');
  if (sid === '') reject('logout_token_sid');
  if (sub !== undefined && !isSubject(sub)) reject('logout_token_sub');
  if (sid === undefined && sub === undefined) reject('logout_token_without_target');
}

function readEvent({ jti = '', iat = 0, sid, sub }: TokenClaims): LogoutEvent {
  const providerSessionId = sid === undefined ? null : shortenProviderSessionId(sid);
  return { jti, issuedAtSec: Math.floor(iat), providerSessionId, subject: sub ?? null };
}

function reject(reason: ReasonOf<'invalid_response'>): never {
  throw new AppError('invalid_response', { reason });
}
