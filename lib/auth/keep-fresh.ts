/** Keeps the session's tokens fresh, where cookies can be written: the proxy, route handlers and server actions. Never while rendering. */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { findAppError } from '@/lib/base/errors';
import { logEvent, logFailure } from '@/lib/base/log';
import { type RefreshOutcome, refreshTokens } from '@/lib/oauth/refresh-ledger';
import { isExpired, needsRefresh } from '@/lib/oauth/token-age';
import { readLastActivity } from '@/lib/session/activity';
import { fitAttempts } from '@/lib/session/attempt';
import { endSession, findEnding, isOver } from '@/lib/session/endings';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { writeSession } from '@/lib/session/session-cookie';
import { markOf } from './who';

export type FreshOutcome =
  | { kind: 'fresh'; session: Session }
  /** Refreshing failed for now; the session stays, and its token may still work. */
  | { kind: 'unchanged'; session: Session }
  | { kind: 'ended' };

/**
 * Before a token is used: replaces it when it is due.
 * @param isPresent whether a person asks, and not a script of a page by itself
 */
export async function keepFresh(jar: CookieJar, session: Session, isPresent = true): Promise<FreshOutcome> {
  const { tokens } = session;
  if (!needsRefresh(tokens, nowSec())) return { kind: 'fresh', session };
  // Without a refresh token the session lasts as long as its access token.
  if (tokens.refreshToken === null && !isExpired(tokens, nowSec())) return { kind: 'fresh', session };
  const activeAtSec = isPresent ? nowSec() : await readLastActivity(jar, session);
  return conclude(jar, { ...session, activeAtSec }, await refreshTokens(session));
}

/** After the API refused a token: one refresh, and not again for a minute. @see RFC 6750 §3.1 (invalid_token) */
export async function recoverSession(
  jar: CookieJar,
  session: Session,
  isPresent = true,
): Promise<FreshOutcome> {
  const { isRecovery, obtainedAtSec, accessToken } = session.tokens;
  const ageSec = nowSec() - obtainedAtSec;
  // A token from the future says that the clock was set back, not that the API refuses every token.
  if (isRecovery && ageSec >= 0 && ageSec < 60) return closeSession(session, 'recovery_refused');
  const outcome = await refreshTokens(session, accessToken);
  const isFresh = outcome.kind === 'fresh';
  const active = { ...session, activeAtSec: isPresent ? nowSec() : await readLastActivity(jar, session) };
  return conclude(
    jar,
    active,
    isFresh ? { ...outcome, tokens: { ...outcome.tokens, isRecovery: true } } : outcome,
  );
}

async function conclude(jar: CookieJar, session: Session, outcome: RefreshOutcome): Promise<FreshOutcome> {
  switch (outcome.kind) {
    case 'fresh':
      return storeSession(jar, { ...session, tokens: outcome.tokens }, session);
    case 'ended':
      return closeSession(session, outcome.reason);
    case 'later':
      return { kind: 'unchanged', session };
  }
}

/** The cookie of a session that ended, or was replaced in its browser meanwhile, is not written: it would take the newer one's place. */
async function storeSession(jar: CookieJar, renewed: Session, session: Session): Promise<FreshOutcome> {
  const ending = await findEnding(session).catch(() => null);
  if (isOver(ending)) return { kind: 'ended' };
  if (ending !== null) return { kind: 'unchanged', session };
  try {
    await writeSession(jar, renewed);
    await fitAttempts(jar);
    return { kind: 'fresh', session: renewed };
  } catch (error) {
    // Tokens that need the store and are not in it: the remembered answer brings them again.
    if (findAppError(error)?.code !== 'store_down') throw error;
    return { kind: 'unchanged', session };
  }
}

/** Over for every copy of its cookie. The cookie itself stays: by now it may be that of a newer sign-in, and a late answer must not remove that. */
async function closeSession(session: Session, reason: string): Promise<FreshOutcome> {
  await endSession(session).catch((error: unknown) => logFailure('ending_not_written', error));
  logEvent('session_ended', { reason, who: markOf(session.user) });
  return { kind: 'ended' };
}
