/**
 * The bound cookie: for a few minutes it proves that the browser held the key of its session when it was
 * written. Only a renewal (device/renewal.ts) gives a new one, so a copy of all cookies is worth nothing after
 * that. The server checks its end by itself; the browser renews earlier.
 * @see Device Bound Session Credentials §9.9 (credentials)
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { currentRequest } from '../base/current-request';
import { newRandomId } from '../base/random-id';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { boundCookieName, boundCookiePrefix, cookieAttributes } from './cookies';
import { readStamp, writeStamp } from './stamp';

/** Why a bound cookie proves nothing, in the words of the log. */
const boundCookieFaults = [
  'bound_cookie_missing',
  'bound_cookie_expired',
  /** Forged, cut, or of another session. */
  'bound_cookie_invalid',
] as const;
export type BoundCookieFault = (typeof boundCookieFaults)[number];

/** A request may leave the browser with a cookie that expires while the request is on its way. */
const longestOverlapSec = 30;

export function writeBoundCookie(jar: CookieJar, sessionId: string): void {
  const { isHttps, bindingLifetimeSec: lifetimeSec } = getConfig();
  const [content, endsAtSec] = [newRandomId(), nowSec() + lifetimeSec];
  const value = writeStamp('bound_cookie', { content, about: sessionId, endsAtSec });
  const maxAge = lifetimeSec - Math.min(longestOverlapSec, Math.floor(lifetimeSec / 5));
  jar.write(boundCookieName(getConfig(), sessionId), value, { ...cookieAttributes(isHttps), maxAge });
}

export function removeBoundCookies(jar: CookieJar): void {
  const prefix = boundCookiePrefix(getConfig());
  for (const name of jar.names().filter((one) => one.startsWith(prefix)))
    jar.write(name, '', { ...cookieAttributes(getConfig().isHttps), maxAge: 0 });
}

/** A form that takes minutes to arrive counts as of the moment when it began to. */
export function findBoundCookieFault(
  jar: Pick<CookieJar, 'read'>,
  sessionId: string,
): BoundCookieFault | null {
  const text = jar.read(boundCookieName(getConfig(), sessionId));
  if (!text) return 'bound_cookie_missing';
  const atSec = currentRequest()?.arrivedAtSec ?? nowSec();
  const { kind } = readStamp('bound_cookie', text, { about: sessionId, atSec });
  if (kind === 'valid') return null;
  return kind === 'expired' ? 'bound_cookie_expired' : 'bound_cookie_invalid';
}
