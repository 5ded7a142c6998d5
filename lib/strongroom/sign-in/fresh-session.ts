/** Keeps the session's tokens fresh, where cookies can be written: the proxy, route handlers and server actions. Never while rendering. */
import 'server-only';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { logFailure } from '../base/log';
import { type RefreshResult, refreshTokens } from '../oauth/refresh/refresh-coordinator';
import { isExpired, needsRefresh } from '../oauth/token-age';
import type { CookieJar } from '../session/cookie-jar';
import { logRejected } from '../session/load-session';
import { isRevocationReason, type RevocationReason } from '../session/revocation-keys';
import { findRevocation, isRevoked, revokeSession } from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';

export type FreshSessionResult =
  | { kind: 'fresh'; session: Session }
  /** Refreshing failed for now; the session stays, and its token may still work. */
  | { kind: 'unchanged'; session: Session }
  | { kind: 'ended'; reason: RevocationReason };

/**
 * Before a token is used: previousRefreshKey it when it is due.
 * @param isPresent whether a person asks, and not a script of a page by itself
 */
export async function refreshIfDue(
  jar: CookieJar,
  session: Session,
  isPresent = true,
): Promise<FreshSessionResult> {
  const { tokens } = session;
  if (!needsRefresh(tokens, nowSec())) return { kind: 'fresh', session };
  // Without a refresh token the session lasts as long as its access token.
  if (tokens.refreshToken === null && !isExpired(tokens, nowSec())) return { kind: 'fresh', session };
  const lastSeenAtSec = isPresent ? nowSec() : session.lastSeenAtSec;
  return conclude(jar, { ...session, lastSeenAtSec }, await refreshTokens(session));
}

/** After the API rejected a token: one refresh, and not again for a minute. @see RFC 6750 §3.1 (invalid_token) */
export async function refreshAfterRejection(
  jar: CookieJar,
  session: Session,
  isPresent = true,
): Promise<FreshSessionResult> {
  const { isAfterRejection, obtainedAtSec, accessToken } = session.tokens;
  const ageSec = nowSec() - obtainedAtSec;
  // A token from the future says that the clock was set back, not that the API rejects every token.
  if (isAfterRejection && ageSec >= 0 && ageSec < 60)
    return closeSession(session, 'invalid_token', 'rejected_again');
  const outcome = await refreshTokens(session, accessToken);
  const isFresh = outcome.kind === 'fresh';
  const active = { ...session, lastSeenAtSec: isPresent ? nowSec() : session.lastSeenAtSec };
  return conclude(
    jar,
    active,
    isFresh ? { ...outcome, tokens: { ...outcome.tokens, isAfterRejection: true } } : outcome,
  );
}

async function conclude(
  jar: CookieJar,
  session: Session,
  outcome: RefreshResult,
): Promise<FreshSessionResult> {
  switch (outcome.kind) {
    case 'fresh':
      return storeSession(jar, { ...session, tokens: outcome.tokens }, session);
    case 'ended': {
      const { reason } = outcome;
      // A session that was revoked during the refresh keeps that reason.
      return closeSession(session, isRevocationReason(reason) ? reason : 'invalid_grant', reason);
    }
    case 'later':
      return { kind: 'unchanged', session };
  }
}

/** The cookie of a session that ended, or was replaced in its browser meanwhile, is not written: it would take the newer one's place. */
async function storeSession(jar: CookieJar, renewed: Session, session: Session): Promise<FreshSessionResult> {
  const revocation = await findRevocation(session).catch(() => null);
  if (revocation !== null && isRevoked(revocation)) return reportRevoked(session, revocation.reason);
  if (revocation !== null) return { kind: 'unchanged', session };
  try {
    await writeSession(jar, renewed);
    return { kind: 'fresh', session: renewed };
  } catch (error) {
    // Tokens that need the store and are not in it: the remembered answer brings them again.
    if (findAppError(error)?.code !== 'store_unavailable') throw error;
    return { kind: 'unchanged', session };
  }
}

/**
 * Revokes every copy of the cookie. The cookie itself stays: it may be that of a newer sign-in by now, which a late response must not
 * remove.
 */
async function closeSession(
  session: Session,
  reason: RevocationReason,
  detail: string,
): Promise<FreshSessionResult> {
  await revokeSession(session, reason).catch((error: unknown) => logFailure('revocation_not_stored', error));
  return reportRevoked(session, reason, detail);
}

function reportRevoked(session: Session, reason: RevocationReason, detail?: string): FreshSessionResult {
  logRejected({ kind: 'revoked', reason, session }, detail);
  return { kind: 'ended', reason };
}
