/**
 * The session cookie: read on every request, written at sign-in and refresh, removed at sign-out.
 * Recently opened seals are remembered by their SHA-256, so that proxy and page open a cookie once between them.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { BoundedMap } from '@/lib/base/bounded-map';
import { nowSec } from '@/lib/base/clock';
import { AppError } from '@/lib/base/errors';
import { logEvent } from '@/lib/base/log';
import { keepInProcess } from '@/lib/base/process-memory';
import { getConfig } from '@/lib/config/config';
import { cookieAttributes, sessionCookieName } from './cookies';
import { isRevoked } from './revocations';
import {
  type CookieJar,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  unseal,
  writeSealedCookie,
} from './seal';
import { parseSession, type Session } from './session';

const rememberedMs = 60_000;
/** Characters of JSON: sealed (base64 adds a third) they leave room in `maxCookieChars` for starting a sign-in. */
const maxSessionChars = 4_000;

function remembered(): BoundedMap<Session> {
  return keepInProcess('unsealed', () => new BoundedMap<Session>(2_000));
}

/** The session of this request's cookie, or null when there is none, it is over or revoked, or it is not ours. */
export async function readSession(jar: Pick<CookieJar, 'read'>): Promise<Session | null> {
  const session = await openSession(readSealText(jar, sessionCookie().name));
  return session === null || (await isRevoked(session)) ? null : session;
}

async function openSession(text: string): Promise<Session | null> {
  if (text === '') return null;
  const mark = createHash('sha256').update(text).digest('base64url');
  const known = remembered().get(mark);
  if (known !== null) return known.endsAtSec > nowSec() ? known : null;
  const { purpose, lifetimeSec } = sessionCookie();
  const session = parseSession(await unseal(purpose, text, lifetimeSec), nowSec());
  if (session !== null) remembered().set(mark, session, rememberedMs);
  return session;
}

/** @throws AppError `session_too_large` when the tokens alone do not fit */
export async function writeSession(jar: CookieJar, session: Session): Promise<void> {
  const lifetimeSec = Math.max(1, session.endsAtSec - nowSec());
  await writeSealedCookie(jar, { ...sessionCookie(), lifetimeSec }, fitSession(session));
}

/** Whether the browser sent a session cookie, good or not. */
export function hasSessionCookie(jar: Pick<CookieJar, 'read'>): boolean {
  return readSealText(jar, sessionCookie().name) !== '';
}

export async function removeSession(jar: CookieJar): Promise<void> {
  await removeSealedCookie(jar, sessionCookie());
}

/** The ID token is kept only while it fits: it serves sign-out as a hint and nothing else. */
export function fitSession(session: Session): Session {
  if (JSON.stringify(session).length <= maxSessionChars) return session;
  const lighter: Session = { ...session, tokens: { ...session.tokens, idToken: null } };
  const chars = JSON.stringify(lighter).length;
  if (chars > maxSessionChars) throw new AppError('session_too_large', { reason: 'tokens_exceed_cookie' });
  logEvent('session_without_id_token', { reason: 'id_token_does_not_fit', chars });
  return lighter;
}

function sessionCookie(): SealedCookie {
  const { isHttps, sessionLifetimeSec } = getConfig();
  return {
    name: sessionCookieName(isHttps),
    purpose: 'session',
    lifetimeSec: sessionLifetimeSec,
    attributes: cookieAttributes(isHttps),
  };
}
