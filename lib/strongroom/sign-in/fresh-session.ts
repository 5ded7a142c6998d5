/**
 * Keeps the tokens of a session fresh where cookies can be written: in Next's proxy, route handlers and
 * server actions, never during rendering. A refresh does not count as use: last-seen.ts alone notes when the
 * user was here.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { logFailure } from '../base/log';
import { refreshTokens } from '../oauth/refresh/refresh-coordinator';
import type { RefreshResult } from '../oauth/refresh/result-cache';
import { canReplaceToken, isExpired, needsRefresh } from '../oauth/token-age';
import type { CookieJar } from '../session/cookie-jar';
import { logRejected } from '../session/load-session';
import { isRevocationReason, type RevocationReason } from '../session/revocation-keys';
import { findRevocation, isRevoked, revokeSession } from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';

export type FreshSessionResult =
  | { kind: 'fresh'; session: Session }
  /** The refresh failed for now; the session stays, and its token may still work. */
  | { kind: 'unchanged'; session: Session }
  /** The session is revoked, and only signing in again helps. */
  | { kind: 'login_required'; reason: RevocationReason };

/** Before a token is used: refreshes it if it is due. */
export async function refreshIfDue(jar: CookieJar, session: Session): Promise<FreshSessionResult> {
  const { tokens } = session;
  // Without a refresh token the session lasts as long as its access token.
  const isDue = tokens.refreshToken === null ? isExpired(tokens, nowSec()) : needsRefresh(tokens, nowSec());
  return isDue ? applyResult(jar, session, await refreshTokens(session)) : { kind: 'fresh', session };
}

/**
 * After the API rejected a token: refreshes once, and not again for a minute. A token that is rejected after
 * that is as fresh as can be, so the session is handed back as it is: it does not end for it.
 * @see RFC 6750 §3.1
 */
export async function refreshAfterRejection(jar: CookieJar, session: Session): Promise<FreshSessionResult> {
  if (!canReplaceToken(session, nowSec())) return { kind: 'fresh', session };
  const result = await refreshTokens(session, session.tokens.accessToken);
  return applyResult(jar, { ...session, tokenReplacedAtSec: nowSec() }, result);
}

async function applyResult(
  jar: CookieJar,
  session: Session,
  result: RefreshResult,
): Promise<FreshSessionResult> {
  // A session that was revoked during the refresh keeps that reason.
  if (result.kind === 'invalid_grant')
    return rejectSession(
      session,
      isRevocationReason(result.reason) ? result.reason : 'invalid_grant',
      result.reason,
    );
  if (result.kind === 'retry_later') return { kind: 'unchanged', session };
  // A session that was revoked or replaced meanwhile must not overwrite the cookie of a newer sign-in.
  const revocation = await findRevocation(session).catch(() => null);
  if (revocation !== null && isRevoked(revocation)) return reportRevoked(session, revocation.reason);
  if (revocation !== null) return { kind: 'unchanged', session };
  const refreshed = { ...session, ...result.identity, tokens: result.tokens };
  try {
    await writeSession(jar, refreshed);
    return { kind: 'fresh', session: refreshed };
  } catch (error) {
    // Tokens too large for the cookie need the store. The result cache brings them again when it is back.
    if (findAppError(error)?.code !== 'store_unavailable') throw error;
    return { kind: 'unchanged', session };
  }
}

/**
 * Revokes every copy of the session's cookie. The cookie itself stays: a late response must not remove that
 * of a newer sign-in.
 */
async function rejectSession(
  session: Session,
  reason: RevocationReason,
  detail: string,
): Promise<FreshSessionResult> {
  await revokeSession(session, reason).catch((error: unknown) => logFailure('revocation_not_stored', error));
  return reportRevoked(session, reason, detail);
}

function reportRevoked(session: Session, reason: RevocationReason, detail?: string): FreshSessionResult {
  logRejected({ kind: 'revoked', reason, session }, detail);
  return { kind: 'login_required', reason };
}
