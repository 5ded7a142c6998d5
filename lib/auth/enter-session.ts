/** The end of a sign-in: the new session takes its place in this browser, whoever was signed in before. */
import 'server-only';
import { after } from 'next/server';
import { logEvent, logFailure, logWarning } from '@/lib/base/log';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import { removeActivity } from '@/lib/session/activity';
import { type Attempt, fitAttempts, removeAttempt } from '@/lib/session/attempt';
import { endSession, replaceSession } from '@/lib/session/endings';
import type { CookieJar } from '@/lib/session/seal';
import { isSameUser, type Session } from '@/lib/session/session';
import { writeSession } from '@/lib/session/session-cookie';
import { listSession } from '@/lib/session/session-list';
import { markOf } from './who';

export type SignedIn = {
  session: Session;
  attempt: Attempt;
  /** What the browser calls itself, for the person's own list. */
  browser: string | null;
};

/** @throws AppError `store_down`; the attempt is closed either way */
export async function enterSession(
  jar: CookieJar,
  { session, attempt, browser }: SignedIn,
  previous: Session | null,
): Promise<void> {
  removeAttempt(jar, attempt.id);
  await removeActivity(jar);
  const isReplacing =
    previous !== null && previous.id !== session.id && isSameUser(previous.user, session.user);
  const predecessor = isReplacing ? { id: previous.id, endsAtSec: previous.endsAtSec } : null;
  const fit = await writeSession(jar, { ...session, predecessor });
  await fitAttempts(jar);
  logEvent('signed_in', { who: markOf(session.user), scopes: session.tokens.scopes.length, fit });
  if (fit === 'by_reference')
    logWarning('session_by_reference', {
      reason: 'tokens_exceed_cookie',
      chars: JSON.stringify(session).length,
    });
  // The same delivery once more, or twice at a time: it is in its place already.
  if (previous !== null && previous.id !== session.id) await leave(previous, session);
  // A comfort: nobody is kept out for it.
  await listSession(session, browser).catch((error: unknown) => logFailure('session_not_listed', error));
}

/** Who was signed in here: requests of the same person may be on their way; somebody else's session and grant end at once. */
async function leave(previous: Session, session: Session): Promise<void> {
  if (isSameUser(previous.user, session.user)) return replaceSession(previous);
  await endSession(previous);
  const { refreshToken } = previous.tokens;
  if (refreshToken !== null) after(() => revokeRefreshToken(refreshToken));
}
