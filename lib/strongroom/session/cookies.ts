/**
 * Names, attributes and lifetimes of every cookie of the application. Pure.
 * @see RFC 6265bis §4.1.3.2 for `__Host-`: Secure, Path=/, no Domain, and no other host can set it
 */

export const cookieLifetimes = {
  /** An unfinished sign-in is good for this long. */
  transactionSec: 15 * 60,
  /** Its cookie stays longer, so that a late return still knows which page was wanted. */
  transactionCookieSec: 60 * 60,
  draftSec: 60 * 60,
  /** A click whose origin the browser does not say. */
  confirmationSec: 15 * 60,
  /** An action that waits for its user to sign in again. */
  pendingSec: 15 * 60,
} as const;

/** At most this many unfinished sign-ins in one browser; beyond that the oldest are dropped. */
export const maxTransactions = 5;

/**
 * All cookies about signing in together, names included, in characters: proxies commonly reject a header of 8
 * KB. The largest session, its last-seen cookie, one pending action and one unfinished sign-in fit; a draft
 * of at most 1,000 comes on top.
 */
export const maxCookieChars = 7_000;

export type CookieAttributes = {
  httpOnly: true;
  secure: boolean;
  sameSite: 'lax';
  path: '/';
};

export function cookieAttributes(isHttps: boolean): CookieAttributes {
  return { httpOnly: true, secure: isHttps, sameSite: 'lax', path: '/' };
}

/** What the names of this installation begin with. */
export type CookieNaming = { isHttps: boolean; cookieName: string };

export function sessionCookieName({ isHttps, cookieName }: CookieNaming): string {
  return `${isHttps ? '__Host-' : ''}${cookieName}`;
}

export function lastSeenCookieName(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-last-seen`;
}

export function pendingCookieName(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-pending`;
}

export function confirmationCookieName(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-confirmation`;
}

/**
 * Short-lived: proves that the browser holds the key of its session. Each session has its own: a browser that
 * signs in again goes on renewing that of the session before for a while.
 */
export function boundCookieName(naming: CookieNaming, sessionId: string): string {
  return `${boundCookiePrefix(naming)}${sessionId.slice(0, 8)}`;
}

export function boundCookiePrefix(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-bound-`;
}

export function draftCookieName(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-draft`;
}

export function transactionCookieName(naming: CookieNaming, transactionId: string): string {
  return `${transactionCookiePrefix(naming)}${transactionId}`;
}

export function transactionCookiePrefix(naming: CookieNaming): string {
  return `${sessionCookieName(naming)}-transaction-`;
}
