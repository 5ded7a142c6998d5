/** The session cookie: written at sign-in and refresh, read on every request (look-up-session.ts), removed at sign-out. */
import 'server-only';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { sessionCookieName } from './cookies';
import { removeLastSeen } from './last-seen';
import {
  type CookieJar,
  describeCookie,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  writeSealedCookie,
} from './seal';
import { parseSession, type SealedSession, type Session } from './session';
import { storeTokens } from './token-store';
import { openOnce } from './unsealed-cache';

/** Characters of JSON: sealed (base64 adds a third) they leave room in `maxCookieChars` for everything else about signing in. */
const maxSessionChars = 3_400;

/** How the session fits into its cookie: whole, without its ID token, or with its tokens in the store. */
export type SessionFit = 'whole' | 'without_id_token' | 'by_reference';

/** What the cookie of this request holds, or null when it is not ours. Times and revocations are not judged here. */
export function openSessionCookie(jar: Pick<CookieJar, 'read'>): Promise<SealedSession | null> {
  const { name, purpose, lifetimeSec } = sessionCookie();
  return openOnce(purpose, readSealText(jar, name), { lifetimeSec, parse: parseSession });
}

/** Whether the browser sent a session cookie, good or not. */
export function hasSessionCookie(jar: Pick<CookieJar, 'read'>): boolean {
  return readSealText(jar, sessionCookie().name) !== '';
}

/** @throws AppError `store_unavailable` when the tokens need the store and it does not answer */
export async function writeSession(jar: CookieJar, session: Session): Promise<SessionFit> {
  const lifetimeSec = Math.max(1, session.endsAtSec - nowSec());
  const { fit, data } = fitSession(session);
  if (fit === 'by_reference') await storeTokens(session);
  await writeSealedCookie(jar, { ...sessionCookie(), lifetimeSec }, data);
  return fit;
}

export async function removeSession(jar: CookieJar): Promise<void> {
  await removeSealedCookie(jar, sessionCookie());
  await removeLastSeen(jar);
}

/** The ID token goes first: it serves sign-out as a hint and nothing else. */
export function fitSession(session: Session): { fit: SessionFit; data: SealedSession } {
  if (fits(session)) return { fit: 'whole', data: session };
  const lighter: Session = { ...session, tokens: { ...session.tokens, idToken: null } };
  if (fits(lighter)) return { fit: 'without_id_token', data: lighter };
  return { fit: 'by_reference', data: { ...session, tokens: null } };
}

function fits(session: SealedSession): boolean {
  return JSON.stringify(session).length <= maxSessionChars;
}

function sessionCookie(): SealedCookie {
  return describeCookie('session', sessionCookieName, getConfig().sessionLifetimeSec);
}
