/**
 * The session cookie: written at sign-in and refresh, read on every request (load-session.ts), removed at
 * sign-out.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { sessionCookieName } from './cookies';
import { removeLastSeen } from './last-seen';
import {
  describeCookie,
  openSealedCookie,
  removeSealedCookie,
  type SealedCookie,
  type Unsealed,
  writeSealedCookie,
} from './sealed-cookie';
import { parseSession, type SealedSession, type Session } from './session';
import { storeTokens } from './token-store';

/**
 * Characters of JSON: sealed (base64 adds a third) they leave room in `maxCookieChars` for everything else
 * about signing in.
 */
const maxSessionChars = 3_400;

/** How the session fits into its cookie: whole, without its ID token, or with its tokens in the store. */
export type SessionFit = 'whole' | 'without_id_token' | 'by_reference';

/**
 * What the cookie of this request holds; null when the browser sent none. Times and revocations are checked
 * in load-session.ts.
 */
export function openSessionCookie(jar: Pick<CookieJar, 'read'>): Promise<Unsealed<SealedSession> | null> {
  return openSealedCookie(jar, sessionCookie(), parseSession);
}

/** @throws AppError `store_unavailable` when the tokens need the store and it does not respond */
export async function writeSession(jar: CookieJar, session: Session): Promise<SessionFit> {
  const lifetimeSec = Math.max(1, session.endsAtSec - nowSec());
  const { fit, data } = fitSession(session);
  if (fit === 'by_reference') await storeTokens(session);
  await writeSealedCookie(jar, { ...sessionCookie(), lifetimeSec }, data);
  return fit;
}

export function removeSession(jar: CookieJar): void {
  removeSealedCookie(jar, sessionCookie());
  removeLastSeen(jar);
}

/** The ID token is left out first: it serves sign-out as a hint and nothing else. */
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
