/**
 * Verifies a logout token in full: the authorization server says that a session, or every session of a user,
 * has ended there.
 * @see OIDC Back-Channel Logout 1.0 §2.4 (content) and §2.6 (validation)
 */
import 'server-only';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { type Clock, nowSec } from '../base/clock';
import { AppError, type ReasonOf } from '../base/errors';
import { isNonEmptyString, isRecord } from '../base/guards';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { verifySignedToken } from './signed-token';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** A server that could not reach us tries again for a while; a token older than this is rejected. */
export const maxLogoutTokenAgeSec = 600;
const maxChars = 16_000;
const maxIdChars = 255;

const reasons = {
  malformed: 'logout_token_malformed',
  alg: 'logout_token_alg',
  key: 'logout_token_key',
  signature: 'logout_token_signature',
  iss: 'logout_token_iss',
  aud: 'logout_token_aud',
  exp: 'logout_token_exp',
  iat: 'logout_token_iat',
  nbf: 'logout_token_nbf',
  jti: 'logout_token_jti',
  events: 'logout_token_events',
} as const;

export type LogoutEvent = {
  /** Identifies this token, so that it is accepted once. */
  jti: string;
  issuedAtSec: number;
  /** `sid`: that session alone. Without it, every session of `subject`. */
  providerSessionId: string | null;
  subject: string | null;
};

export type LogoutExpectation = {
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  algorithm?: string | null;
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
  const rules = {
    ...expected,
    reasons,
    maxAgeSec: maxLogoutTokenAgeSec,
    requiredClaims: ['jti', 'events'],
  };
  const { payload, protectedHeader } = await verifySignedToken(token, rules, clock);
  // An access token or a proof that is signed by the same keys is no logout token. @see RFC 8725 §3.11
  const { typ } = protectedHeader;
  if (typ !== undefined && !/^(JWT|(application\/)?logout\+jwt)$/i.test(typ)) reject('logout_token_typ');
  validateContent(payload);
  return readEvent(payload);
}

/** What tells it from an ID token: the event, and no nonce. */
function validateContent({ events, nonce }: JWTPayload): void {
  if (!isRecord(events) || !isRecord(events[logoutEvent])) reject('logout_token_events');
  if (nonce !== undefined) reject('logout_token_nonce');
}

function readEvent({ jti, iat, sid, sub }: JWTPayload): LogoutEvent {
  if (!isId(jti) || iat === undefined) return reject('logout_token_jti');
  if (sid !== undefined && !isNonEmptyString(sid)) return reject('logout_token_sid');
  if (sub !== undefined && !isId(sub)) return reject('logout_token_sub');
  if (sid === undefined && sub === undefined) return reject('logout_token_without_target');
  return {
    jti,
    issuedAtSec: Math.floor(iat),
    providerSessionId: sid === undefined ? null : shortenProviderSessionId(sid),
    subject: sub ?? null,
  };
}

function isId(value: unknown): value is string {
  return isNonEmptyString(value) && value.length <= maxIdChars;
}

function reject(reason: ReasonOf<'invalid_response'>): never {
  throw new AppError('invalid_response', { reason });
}
