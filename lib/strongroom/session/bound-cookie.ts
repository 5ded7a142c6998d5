/**
 * The bound cookie: for a few minutes it proves that the browser held the key of its session when it was
 * written. Only a renewal (device/renewal.ts) gives a new one, so a copy of all cookies is worth nothing after
 * that. The server checks its end by itself; the browser renews earlier.
 * @see Device Bound Session Credentials §8.4 (credentials)
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { currentRequest } from '../base/current-request';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { boundCookieName, cookieAttributes } from './cookies';
import type { SealedSession } from './session';
import { readStamp, writeStamp } from './stamp';

type Bound = Pick<SealedSession, 'id'>;

/** Why a bound cookie proves nothing, in the words of the log. */
export const boundCookieFaults = [
  'bound_cookie_missing',
  'bound_cookie_expired',
  /** Forged, cut, or of another session. */
  'bound_cookie_invalid',
] as const;
export type BoundCookieFault = (typeof boundCookieFaults)[number];

/** A request may leave the browser with a cookie that expires while the request is on its way. */
const longestOverlapSec = 30;

export function writeBoundCookie(jar: CookieJar, { id }: Bound): void {
  const { isHttps, bindingLifetimeSec: lifetimeSec } = getConfig();
  const value = writeStamp('bound_cookie', id, nowSec() + lifetimeSec);
  const maxAge = lifetimeSec - Math.min(longestOverlapSec, Math.floor(lifetimeSec / 5));
  jar.write(boundCookieName(getConfig()), value, { ...cookieAttributes(isHttps), maxAge });
}

export function removeBoundCookie(jar: CookieJar): void {
  const name = boundCookieName(getConfig());
  if (jar.read(name)) jar.write(name, '', { ...cookieAttributes(getConfig().isHttps), maxAge: 0 });
}

/** A form that takes minutes to arrive counts as of the moment when it began to. */
export function findBoundCookieFault(jar: Pick<CookieJar, 'read'>, { id }: Bound): BoundCookieFault | null {
  const text = jar.read(boundCookieName(getConfig()));
  if (!text) return 'bound_cookie_missing';
  const atSec = currentRequest()?.arrivedAtSec ?? nowSec();
  const { kind } = readStamp('bound_cookie', text, { id, atSec });
  if (kind === 'valid') return null;
  return kind === 'expired' ? 'bound_cookie_expired' : 'bound_cookie_invalid';
}
