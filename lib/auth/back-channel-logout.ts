/**
 * The authorization server says that somebody signed out there: their session here, or all of them, is over at the next request.
 * @see OIDC Back-Channel Logout 1.0 §2.7
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowMs } from '@/lib/base/clock';
import { AppError, findAppError } from '@/lib/base/errors';
import { logEvent, logFailure, logWarning } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';
import { type LogoutEvent, maxLogoutTokenAgeSec, verifyLogoutToken } from '@/lib/oauth/logout-token';
import { getMetadata } from '@/lib/oauth/metadata';
import { signingKeys } from '@/lib/oauth/signing-keys';
import { endProviderSession, endUserSessions } from '@/lib/session/endings';
import { currentStore } from '@/lib/store/current-store';
import { markOf } from './who';

export type LogoutOutcome =
  | { kind: 'ended' }
  /** Not believed; nothing was ended. */
  | { kind: 'refused'; reason: string }
  /** Too many in this minute. */
  | { kind: 'too_many' }
  /** Believing or ending it is not possible now; the server may try again. */
  | { kind: 'later'; reason: string };

/** For all senders together: a real server sends one for each person who signs out. */
const maxPerMinute = 600;
/** As long as the token could be believed: a minute of clocks that differ on either side, and the second that rounding down gives. */
const replayMs = (maxLogoutTokenAgeSec + 121) * 1000;

/** Never throws. */
export async function endByLogoutToken(token: string): Promise<LogoutOutcome> {
  try {
    if ((await countRequest()) > maxPerMinute) return { kind: 'too_many' };
    const { issuer, clientId, signingAlgorithm: algorithm } = getConfig();
    const keys = signingKeys((await getMetadata()).jwks_uri);
    const event = await verifyLogoutToken(token, { issuer, clientId, keys, algorithm });
    return await endOnce(issuer, event);
  } catch (error) {
    return explain(findAppError(error) ?? new AppError('unexpected', { cause: error }));
  }
}

async function endOnce(issuer: string, event: LogoutEvent): Promise<LogoutOutcome> {
  const key = `logout:${createHash('sha256').update(`${issuer}\n${event.jti}`).digest('base64url')}`;
  if (!(await currentStore().claim(key, 'used', replayMs))) return refused('logout_token_replayed');
  try {
    await end(issuer, event);
    return { kind: 'ended' };
  } catch (error) {
    // It did not count: the server may send it again.
    await currentStore()
      .delete(key)
      .catch(() => {});
    throw error;
  }
}

/** `sid` ends that session alone, also when `sub` is there too. A session that began after the event is not meant. */
async function end(issuer: string, event: LogoutEvent): Promise<void> {
  const { providerSessionId, subject, issuedAtSec } = event;
  if (providerSessionId !== null) {
    await endProviderSession(issuer, providerSessionId);
    logEvent('back_channel_logout', { of: 'session' });
    return;
  }
  const user = { issuer, subject: subject ?? '' };
  await endUserSessions(user, Math.min(issuedAtSec * 1000 + 999, nowMs()), 'back_channel');
  logEvent('back_channel_logout', { of: 'person', who: markOf(user) });
}

function countRequest(): Promise<number> {
  return currentStore().increment(`rate:logout:${Math.floor(nowMs() / 60_000)}`, 120_000);
}

function explain(error: AppError): LogoutOutcome {
  if (error.code === 'answer_not_believed') return refused(error.reason);
  logFailure('back_channel_logout_failed', error, { code: error.code, reason: error.reason });
  return { kind: 'later', reason: error.reason };
}

function refused(reason: string): LogoutOutcome {
  logWarning('back_channel_logout_refused', { reason });
  return { kind: 'refused', reason };
}
