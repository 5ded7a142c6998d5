/**
 * The authorization server says that a user signed out there: one session here, or all sessions of that user,
 * are revoked.
 * @see OIDC Back-Channel Logout 1.0 §2.7
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowMs } from '../base/clock';
import { AppError } from '../base/errors';
import { logEvent, logFailure, logWarning } from '../base/log';
import { hintOf } from '../base/operator-hints';
import { type LogoutEvent, maxLogoutTokenAgeSec, verifyLogoutToken } from '../oauth/logout-token';
import { clockToleranceSec } from '../oauth/signed-token';
import { expectedSigner } from '../oauth/signing-keys';
import { checkRateLimit } from '../server/rate-limit';
import { noteUserLogout, revokeProviderSession, revokeUserSessions } from '../session/revocations';
import { pseudonymOf } from '../session/user-pseudonym';
import { currentStore } from '../store/current-store';

type Sender = Pick<Headers, 'get'>;

export type LogoutResult =
  | { kind: 'revoked' }
  /** The token is not valid; nothing was revoked. */
  | { kind: 'rejected'; reason: string }
  /** The token is not valid, and too many of that kind arrived in this minute. */
  | { kind: 'rate_limited'; retryAfterSec: number }
  /** Verifying the token or storing the revocation is not possible now; the server may try again. */
  | { kind: 'later'; reason: string };

/**
 * As long as the same token could be accepted: its age, the clock tolerance on either side, and a second for
 * rounding down.
 */
const replayMs = (maxLogoutTokenAgeSec + 2 * clockToleranceSec + 1) * 1000;

/**
 * Never throws.
 * @param sender headers of the request that brought the token
 */
export async function revokeByLogoutToken(token: string, sender: Sender): Promise<LogoutResult> {
  try {
    const signer = await expectedSigner({ isPatient: false });
    const event = await verifyLogoutToken(token, signer);
    return await revokeOnce(signer.issuer, event, sender);
  } catch (error) {
    return await explain(AppError.from(error), sender);
  }
}

async function revokeOnce(issuer: string, event: LogoutEvent, sender: Sender): Promise<LogoutResult> {
  const key = `logout:${createHash('sha256').update(`${issuer}\n${event.jti}`).digest('base64url')}`;
  if ((await currentStore().get(key)) !== null) return reject('logout_token_replayed', sender);
  // The token is marked as used after the revocation: if the revocation fails, the server may send it again.
  // Revoking twice does no harm.
  await revoke(issuer, event);
  await currentStore().set(key, 'used', replayMs);
  return { kind: 'revoked' };
}

/**
 * With `sid` that session alone is revoked, also when `sub` is there too. A session that began after the
 * event goes on.
 */
async function revoke(issuer: string, event: LogoutEvent): Promise<void> {
  const { providerSessionId, subject, issuedAtSec } = event;
  if (providerSessionId !== null) {
    await revokeProviderSession(issuer, providerSessionId);
    logEvent('back_channel_logout', { of: 'session' });
    return;
  }
  const user = { issuer, subject: subject ?? '' };
  await noteUserLogout(user);
  await revokeUserSessions(user, Math.min(issuedAtSec * 1000 + 999, nowMs()), 'back_channel_logout');
  logEvent('back_channel_logout', { of: 'user', userPseudonym: pseudonymOf(user) });
}

async function explain(error: AppError, sender: Sender): Promise<LogoutResult> {
  if (error.code === 'invalid_response') return reject(error.reason, sender);
  logFailure('back_channel_logout_failed', error, { code: error.code, reason: error.reason });
  return { kind: 'later', reason: error.reason };
}

/**
 * Only invalid tokens count towards the limit: a flood of them delays no valid one, and does not fill the
 * log.
 */
async function reject(reason: string, sender: Sender): Promise<LogoutResult> {
  const limit = await checkRateLimit('logout_token', sender);
  if (limit.kind === 'rate_limited') return { kind: 'rate_limited', retryAfterSec: limit.retryAfterSec };
  logWarning('back_channel_logout_rejected', { reason, ...hintOf(reason) });
  return { kind: 'rejected', reason };
}
