/**
 * For browsers that do not say where a click comes from (no fetch metadata and no referrer): a random value
 * that is in a cookie of this browser and in the link that asks to sign in. Another site can write neither,
 * so it cannot start a sign-in.
 * @see RFC 6749 §10.12
 */
import 'server-only';
import { timingSafeEqual } from 'node:crypto';
import { isRandomId, newRandomId } from '../base/random-id';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { confirmationCookieName, cookieAttributes, cookieLifetimes } from './cookies';

/** @returns what the link must say; the same for all tabs of this browser */
export function askForConfirmation(jar: CookieJar): string {
  const name = confirmationCookieName(getConfig());
  const known = jar.read(name);
  const value = isRandomId(known) ? known : newRandomId();
  const maxAge = cookieLifetimes.confirmationSec;
  jar.write(name, value, { ...cookieAttributes(getConfig().isHttps), maxAge });
  return value;
}

export function isConfirmed(jar: CookieJar, value: string | null): boolean {
  const expected = jar.read(confirmationCookieName(getConfig()));
  if (!isRandomId(expected) || !isRandomId(value)) return false;
  return timingSafeEqual(Buffer.from(expected), Buffer.from(value));
}
