/** Keeps the session's tokens fresh, where cookies can be written: the proxy, route handlers and server actions. Never while rendering. */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { findAppError } from '@/lib/base/errors';
import { logEvent } from '@/lib/base/log';
import { type RefreshOutcome, refreshTokens } from '@/lib/oauth/refresh-ledger';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import { isExpired, needsRefresh } from '@/lib/oauth/token-age';
import { fitAttempts } from '@/lib/session/attempt';
import { isRevoked } from '@/lib/session/revocations';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { removeSession, writeSession } from '@/lib/session/session-cookie';
import { markOf } from './who';

export type FreshOutcome =
  | { kind: 'fresh'; session: Session }
  /** Refreshing failed for now; the session stays, and its token may still work. */
  | { kind: 'unchanged'; session: Session }
  | { kind: 'ended' };

/** Before a token is used: replaces it when it is due. */
export async function keepFresh(jar: CookieJar, session: Session): Promise<FreshOutcome> {
  const { tokens } = session;
  if (!needsRefresh(tokens, nowSec())) return { kind: 'fresh', session };
  // Without a refresh token the session lasts as long as its access token.
  if (tokens.refreshToken === null && !isExpired(tokens, nowSec())) return { kind: 'fresh', session };
  return replaceTokens(jar, session, false);
}

/** After the API refused a token: one refresh, and not again for a minute. @see RFC 6750 §3.1 (invalid_token) */
export async function recoverSession(jar: CookieJar, session: Session): Promise<FreshOutcome> {
  const { isRecovery, obtainedAtSec } = session.tokens;
  if (isRecovery && nowSec() - obtainedAtSec < 60) return endSession(jar, session, 'recovery_refused');
  return replaceTokens(jar, session, true);
}

async function replaceTokens(jar: CookieJar, session: Session, isRecovery: boolean): Promise<FreshOutcome> {
  const outcome = await (isRecovery ? refreshTokens(session, true) : refreshTokens(session));
  if (await isRevoked(session)) return forget(outcome);
  switch (outcome.kind) {
    case 'fresh': {
      const renewed = { ...session, tokens: { ...outcome.tokens, isRecovery } };
      return storeSession(jar, renewed);
    }
    case 'ended':
      return endSession(jar, session, outcome.reason);
    case 'later':
      return { kind: 'unchanged', session };
  }
}

/** Signed out in the meantime: signing out wins, and what arrived late is given back. The cookie may be that of a newer sign-in by now. */
async function forget(outcome: RefreshOutcome): Promise<FreshOutcome> {
  const refreshToken = outcome.kind === 'fresh' ? outcome.tokens.refreshToken : null;
  if (refreshToken !== null) await revokeRefreshToken(refreshToken);
  return { kind: 'ended' };
}

/** Tokens that grew beyond the cookie cannot be kept: the session ends, with the reason in the log. */
async function storeSession(jar: CookieJar, session: Session): Promise<FreshOutcome> {
  try {
    await writeSession(jar, session);
    await fitAttempts(jar);
    return { kind: 'fresh', session };
  } catch (error) {
    const known = findAppError(error);
    if (known?.code !== 'session_too_large') throw error;
    return endSession(jar, session, known.reason);
  }
}

async function endSession(jar: CookieJar, session: Session, reason: string): Promise<FreshOutcome> {
  await removeSession(jar);
  logEvent('session_ended', { reason, who: markOf(session.user) });
  return { kind: 'ended' };
}
