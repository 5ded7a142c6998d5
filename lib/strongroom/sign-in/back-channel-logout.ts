/**
 * The authorization server says that somebody signed out there: their session here, or all of them, is over at the next request.
 * @see OIDC Back-Channel Logout 1.0 §2.7
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowMs } from '../base/clock';
import { AppError, findAppError } from '../base/errors';
import { logEvent, logFailure, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { type LogoutEvent, maxLogoutTokenAgeSec, verifyLogoutToken } from '../oauth/logout-token';
import { getMetadata } from '../oauth/metadata';
import { signingKeys } from '../oauth/signing-keys';
import { checkRateLimit } from '../server/rate-limit';
import { revokeProviderSession, revokeUserSessions } from '../session/revocations';
import { pseudonymOf } from '../session/user-pseudonym';
import { currentStore } from '../store/current-store';

type Sender = Pick<Headers, 'get'>;

export type LogoutOutcome =
  | { kind: 'ended' }
  /** Not believed; nothing was ended. */
  | { kind: 'rejected'; reason: string }
  /** Not believed, and too many of that kind in this minute. */
  | { kind: 'rate_limited'; retryAfterSec: number }
  /** Believing or revocation it is not possible now; the server may try again. */
  | { kind: 'later'; reason: string };

/** As long as the token could be believed: a minute of clocks that differ on either side, and the second that rounding down gives. */
const replayMs = (maxLogoutTokenAgeSec + 121) * 1000;

/**
 * Never throws.
 * @param sender headers of the request that brought the token
 */
export async function revokeByLogoutToken(token: string, sender: Sender): Promise<LogoutOutcome> {
  try {
    const { issuer, clientId, signingAlgorithm: algorithm } = getConfig();
    const keys = signingKeys((await getMetadata()).jwks_uri, { isPatient: false });
    const event = await verifyLogoutToken(token, { issuer, clientId, keys, algorithm });
    return await endOnce(issuer, event, sender);
  } catch (error) {
    return await explain(findAppError(error) ?? new AppError('internal_error', { cause: error }), sender);
  }
}

async function endOnce(issuer: string, event: LogoutEvent, sender: Sender): Promise<LogoutOutcome> {
  const key = `logout:${createHash('sha256').update(`${issuer}\n${event.jti}`).digest('base64url')}`;
  if ((await currentStore().get(key)) !== null) return reject('logout_token_replayed', sender);
  // In this order: a token that ended something counts as used, and one that could not may come again. Revocation twice does no harm.
  await end(issuer, event);
  await currentStore().set(key, 'used', replayMs);
  return { kind: 'ended' };
}

/** `sid` ends that session alone, also when `sub` is there too. A session that began after the event is not meant. */
async function end(issuer: string, event: LogoutEvent): Promise<void> {
  const { providerSessionId, subject, issuedAtSec } = event;
  if (providerSessionId !== null) {
    await revokeProviderSession(issuer, providerSessionId);
    logEvent('back_channel_logout', { of: 'session' });
    return;
  }
  const user = { issuer, subject: subject ?? '' };
  await revokeUserSessions(user, Math.min(issuedAtSec * 1000 + 999, nowMs()), 'back_channel_logout');
  logEvent('back_channel_logout', { of: 'person', userPseudonym: pseudonymOf(user) });
}

async function explain(error: AppError, sender: Sender): Promise<LogoutOutcome> {
  if (error.code === 'invalid_response') return reject(error.reason, sender);
  logFailure('back_channel_logout_failed', error, { code: error.code, reason: error.reason });
  return { kind: 'later', reason: error.reason };
}

/** Only tokens that were not believed count: whoever floods us with them holds up no real one, and fills no log. */
async function reject(reason: string, sender: Sender): Promise<LogoutOutcome> {
  const turn = await checkRateLimit('logout_token', sender);
  if (turn.kind === 'rate_limited') return { kind: 'rate_limited', retryAfterSec: turn.retryAfterSec };
  logWarning('back_channel_logout_rejected', { reason });
  return { kind: 'rejected', reason };
}
