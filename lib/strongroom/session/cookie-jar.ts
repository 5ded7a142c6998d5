/**
 * The cookies of one request. A jar keeps the budget for all cookies about signing in by itself: when a write
 * would exceed it, the oldest unfinished sign-ins are dropped. Callers write, and need not know that there is
 * a budget.
 */
import 'server-only';
import { getConfig } from '../config/config';
import {
  boundCookiePrefix,
  type CookieAttributes,
  cookieAttributes,
  draftCookieName,
  maxCookieChars,
  maxTransactions,
  sessionCookieName,
  transactionCookiePrefix,
} from './cookies';
import { readSealEndMs } from './seal';

/**
 * `maxAge` in seconds; 0 removes the cookie, and without it the browser keeps the cookie until it is closed.
 */
export type CookieOptions = CookieAttributes & { maxAge?: number };

/** Where the cookies of a request are read and written: one adapter for pages and routes, others before a page. */
export type CookieSource = {
  read(name: string): string | undefined;
  names(): string[];
  write(name: string, value: string, options: CookieOptions): void;
};

export type CookieJar = CookieSource;

/** How many transaction cookies are looked at: a browser may be made to send hundreds. */
const maxTransactionsRead = 32;

export function createCookieJar(source: CookieSource): CookieJar {
  return {
    read: (name) => source.read(name),
    names: () => source.names(),
    write: (name, value, { maxAge, ...attributes }) => {
      // Without its lifetime, the browser would not know when to renew the bound cookie.
      const isLasting =
        value === '' || !getConfig().endsWithBrowser || name.startsWith(boundCookiePrefix(getConfig()));
      source.write(name, value, isLasting ? { ...attributes, maxAge } : attributes);
      if (value !== '') dropOldTransactions(source, name);
    },
  };
}

/** What everything else about signing in, unfinished sign-ins too, leaves for the session, in characters. */
export function countCharsForSession(jar: CookieSource): number {
  const name = sessionCookieName(getConfig());
  return countCharsBeside(jar, (one) => one === name || one.startsWith(`${name}.`));
}

/** What all other cookies about signing in leave for unfinished sign-ins, in characters. */
export function countCharsLeft(jar: CookieSource): number {
  const prefix = transactionCookiePrefix(getConfig());
  return countCharsBeside(jar, (name) => name.startsWith(prefix));
}

/** What is left of the budget; drafts have one of their own. */
function countCharsBeside(jar: CookieSource, isLeftOut: (name: string) => boolean): number {
  const naming = getConfig();
  const [all, draft] = [sessionCookieName(naming), draftCookieName(naming)];
  const counted = jar.names().filter((name) => name.startsWith(all) && !name.startsWith(draft));
  return counted
    .filter((name) => !isLeftOut(name))
    .reduce((left, name) => left - countChars(jar, name), maxCookieChars);
}

/** Names of the cookies that hold unfinished sign-ins: at most 32, so that a flooded header costs little. */
export function listTransactionCookies(jar: CookieSource): string[] {
  const prefix = transactionCookiePrefix(getConfig());
  const names = jar.names().filter((name) => name.startsWith(prefix));
  return names.slice(0, maxTransactionsRead).filter((name) => jar.read(name));
}

/**
 * All transactions live equally long, so the one whose seal ends first is the oldest. A text that is no seal
 * is dropped before all others.
 */
function dropOldTransactions(source: CookieSource, written: string): void {
  const transactions = listTransactionCookies(source).map((name) => {
    const value = source.read(name) ?? '';
    return { name, chars: name.length + value.length, endMs: readSealEndMs(value) };
  });
  let count = transactions.length;
  let left = transactions.reduce((rest, { chars }) => rest - chars, countCharsLeft(source));
  const oldestFirst = transactions.toSorted((a, b) => a.endMs - b.endMs);
  for (const { name, chars } of oldestFirst.filter((one) => one.name !== written)) {
    if (count <= maxTransactions && left >= 0) return;
    source.write(name, '', { ...cookieAttributes(getConfig().isHttps), maxAge: 0 });
    count -= 1;
    left += chars;
  }
}

function countChars(source: CookieSource, name: string): number {
  const value = source.read(name) ?? '';
  return value === '' ? 0 : name.length + value.length;
}
