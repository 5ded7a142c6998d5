/** The end of a sign-in: the new session takes its place in this browser, whoever was signed in before. */
import 'server-only';
import { after } from 'next/server';
import { logEvent, logFailure, logWarning } from '../base/log';
import { revokeRefreshToken } from '../oauth/token-revocation';
import type { CookieJar } from '../session/cookie-jar';
import { removeLastSeen } from '../session/last-seen';
import { markSessionReplaced, revokeSession } from '../session/revocations';
import { isSameUser, type Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { listSession } from '../session/session-list';
import { removeTransaction, type SignInTransaction } from '../session/sign-in-transaction';
import { pseudonymOf } from '../session/user-pseudonym';

export type SignedIn = {
  session: Session;
  transaction: SignInTransaction;
  /** What the browser calls itself, for the person's own list. */
  browser: string | null;
};

/** @throws AppError `store_unavailable`; the transaction is closed either way */
export async function establishSession(
  jar: CookieJar,
  { session, transaction, browser }: SignedIn,
  previous: Session | null,
): Promise<void> {
  removeTransaction(jar, transaction.id);
  removeLastSeen(jar);
  const isReplacing =
    previous !== null && previous.id !== session.id && isSameUser(previous.user, session.user);
  const predecessor = isReplacing ? { id: previous.id, endsAtSec: previous.endsAtSec } : null;
  const fit = await writeSession(jar, { ...session, predecessor });
  logEvent('signed_in', {
    userPseudonym: pseudonymOf(session.user),
    scopes: session.tokens.scopes.length,
    fit,
  });
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
  if (isSameUser(previous.user, session.user)) return markSessionReplaced(previous);
  await revokeSession(previous);
  const { refreshToken } = previous.tokens;
  if (refreshToken !== null) after(() => revokeRefreshToken(refreshToken));
}
