/** The end of a sign-in: the new session takes its place in this browser, whoever was signed in before. */
import 'server-only';
import { after } from 'next/server';
import { logEvent } from '@/lib/base/log';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import { type Attempt, fitAttempts, removeAttempt } from '@/lib/session/attempt';
import { revokeSession } from '@/lib/session/revocations';
import type { CookieJar } from '@/lib/session/seal';
import { isSameUser, type Session } from '@/lib/session/session';
import { writeSession } from '@/lib/session/session-cookie';
import { markOf } from './who';

/** @throws AppError `session_too_large`; the attempt is closed either way */
export async function enterSession(
  jar: CookieJar,
  { session, attempt }: { session: Session; attempt: Attempt },
  previous: Session | null,
): Promise<void> {
  removeAttempt(jar, attempt.id);
  await writeSession(jar, session);
  await fitAttempts(jar);
  logEvent('signed_in', { who: markOf(session.user), scopes: session.tokens.scopes.length });
  if (previous !== null && !isSameUser(previous.user, session.user)) await forget(previous);
}

/** Somebody else was signed in here: their session, and their grant to this browser, end with it. */
async function forget(previous: Session): Promise<void> {
  await revokeSession(previous);
  const { refreshToken } = previous.tokens;
  if (refreshToken !== null) after(() => revokeRefreshToken(refreshToken));
}
