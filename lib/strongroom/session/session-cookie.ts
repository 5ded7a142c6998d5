/**
 * The session cookie: written at sign-in and refresh, read on every request (load-session.ts), removed at
 * sign-out.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { removeBoundCookies } from './bound-cookie';
import { type CookieJar, countCharsForSession } from './cookie-jar';
import { sessionCookieName } from './cookies';
import { keepIdTokenHint } from './id-token-hint';
import { removeLastSeen } from './last-seen';
import { packSession, unpackSession } from './packed-session';
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
/** Salts, times and signature of a seal, and the names of the cookies that hold its parts. */
const sealOverheadChars = 400;
/** Sent with every request: so long, with its name, is a cookie that is worth a shorter form. */
const shortCookieChars = 2_048;
/** What a seal takes beside its data, with the name of its cookie, where one is enough. */
const shortOverheadChars = 270;

/**
 * How the session fits into its cookie: whole, with its ID token in the store, or with all its tokens there.
 */
export type SessionFit = 'whole' | 'without_id_token' | 'by_reference';

/**
 * What the cookie of this request holds; null when the browser sent none. Times and revocations are checked
 * in load-session.ts.
 */
export function openSessionCookie(jar: Pick<CookieJar, 'read'>): Promise<Unsealed<SealedSession> | null> {
  return openSealedCookie(jar, sessionCookie(), (data) => parseSession(unpackSession(data)));
}

/** @throws AppError `store_unavailable` when the tokens need the store and it does not respond */
export async function writeSession(jar: CookieJar, session: Session): Promise<SessionFit> {
  const lifetimeSec = Math.max(1, session.endsAtSec - nowSec());
  const { fit, data } = fitSession(session, countCharsForSession(jar));
  if (fit === 'by_reference') await storeTokens(session);
  if (fit === 'without_id_token') await keepIdTokenHint(session);
  await writeSealedCookie(jar, { ...sessionCookie(), lifetimeSec }, shorten(data));
  return fit;
}

export function removeSession(jar: CookieJar): void {
  removeSealedCookie(jar, sessionCookie());
  removeLastSeen(jar);
  removeBoundCookies(jar);
}

/**
 * The ID token is left out first, also when only unfinished sign-ins would have to give way, and for a short cookie: it
 * is a hint for the authorization server and nothing else.
 * @param maxSealChars what the cookies may take, names included
 */
export function fitSession(session: Session, maxSealChars: number): { fit: SessionFit; data: SealedSession } {
  const lighter: Session = { ...session, tokens: { ...session.tokens, idToken: null } };
  const isWhole = fits(session) && estimateSealChars(session) <= maxSealChars;
  if (isWhole && (isShort(shorten(session)) || !isShort(shorten(lighter))))
    return { fit: 'whole', data: session };
  if (fits(lighter)) return { fit: 'without_id_token', data: lighter };
  return { fit: 'by_reference', data: { ...session, tokens: null } };
}

/**
 * What is sealed: the session as every version reads it, or packed where that brings its cookie under the size that is
 * short. The version before this one cannot read a packed one.
 */
function shorten(session: SealedSession): object {
  if (isShort(session)) return session;
  const packed = packSession(session);
  return isShort(packed) ? packed : session;
}

function isShort(data: object): boolean {
  return estimateSealChars(data) - sealOverheadChars + shortOverheadChars <= shortCookieChars;
}

function fits(session: SealedSession): boolean {
  return JSON.stringify(session).length <= maxSessionChars;
}

/** Encrypting and encoding adds a third, and what a seal says about itself. */
function estimateSealChars(data: object): number {
  return Math.ceil((Buffer.byteLength(JSON.stringify(data)) * 4) / 3) + sealOverheadChars;
}

function sessionCookie(): SealedCookie {
  return describeCookie('session', sessionCookieName, getConfig().sessionLifetimeSec);
}
