/**
 * One sign-in that was started and not yet finished: a sealed cookie of its own for each, named after the random id that travels as
 * `state`. Tabs never disturb each other, and a callback whose `state` names no cookie of this browser is rejected by construction.
 * @see RFC 6749 §10.12, RFC 9700 §4.7
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { authenticationRequirementSchema } from './authentication-requirement';
import {
  cookieAttributes,
  cookieLifetimes,
  isTransactionId,
  lastSeenCookieName,
  maxCookieChars,
  maxTransactions,
  pendingCookieName,
  sessionCookieName,
  transactionCookieName,
  transactionCookiePrefix,
} from './cookies';
import { type CookieJar, readSealText, seal, unseal } from './seal';

const transactionSchema = z.object({
  id: z.string(),
  /** The authorization server it was started for: it never completes with another. @see RFC 9700 §4.4 */
  issuer: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  /** All that it asks for. */
  scopes: z.array(z.string()),
  /** The one permission that is asked for on top of what was granted; null for any other sign-in. */
  permission: z.string().nullable(),
  /** How freshly or strongly the person must sign in, and the action that waits for it. */
  stepUp: z
    .object({ requirement: authenticationRequirementSchema, pendingId: z.string().nullable() })
    .nullable(),
  startedAtSec: z.number().int(),
});

export type SignInTransaction = z.infer<typeof transactionSchema>;

export function newTransactionId(): string {
  return randomBytes(16).toString('base64url');
}

/** The transaction that `state` names in this browser, or null. It may be past its time: see `isTransactionExpired`. */
export async function readTransaction(jar: CookieJar, state: unknown): Promise<SignInTransaction | null> {
  if (!isTransactionId(state)) return null;
  return openTransaction(jar.read(transactionCookieName(getConfig().isHttps, state)) ?? '', state);
}

async function openTransaction(text: string, id: string): Promise<SignInTransaction | null> {
  const parsed = transactionSchema.safeParse(
    await unseal('transaction', text, cookieLifetimes.transactionCookieSec),
  );
  // The id inside the seal, not the cookie's name, says which transaction it is: renaming a cookie changes nothing.
  if (!parsed.success || parsed.data.id !== id || parsed.data.issuer !== getConfig().issuer) return null;
  return parsed.data;
}

export function isTransactionExpired(transaction: SignInTransaction, atSec: number = nowSec()): boolean {
  return transaction.startedAtSec + cookieLifetimes.transactionSec <= atSec;
}

/** Writes the transaction's cookie; the oldest ones go when they are too many, or when all our cookies together are too long. */
export async function writeTransaction(jar: CookieJar, transaction: SignInTransaction): Promise<void> {
  const { isHttps } = getConfig();
  const lifetimeSec = cookieLifetimes.transactionCookieSec;
  const name = transactionCookieName(isHttps, transaction.id);
  let text = await seal('transaction', transaction, lifetimeSec);
  // A wanted page that fits beside no session is forgotten before the sign-in is.
  if (name.length + text.length > transactionBudget(jar))
    text = await seal(
      'transaction',
      { ...transaction, returnTo: getDeclaration().paths.afterSignIn },
      lifetimeSec,
    );
  await dropOldTransactions(jar, name.length + text.length, maxTransactions - 1);
  jar.write(name, text, { ...cookieAttributes(isHttps), maxAge: lifetimeSec });
}

/** After the session's cookie has grown: makes room for it. */
export async function fitTransactions(jar: CookieJar): Promise<void> {
  await dropOldTransactions(jar, 0, maxTransactions);
}

export function removeTransaction(jar: CookieJar, transactionId: string): void {
  const { isHttps } = getConfig();
  jar.write(transactionCookieName(isHttps, transactionId), '', { ...cookieAttributes(isHttps), maxAge: 0 });
}

export function removeAllTransactions(jar: CookieJar): void {
  for (const id of listTransactionIds(jar)) removeTransaction(jar, id);
}

async function dropOldTransactions(jar: CookieJar, newChars: number, maxCount: number): Promise<void> {
  const transactions = await listTransactions(jar);
  const budget = transactionBudget(jar);
  let count = transactions.length;
  let chars = newChars + transactions.reduce((sum, transaction) => sum + transaction.chars, 0);
  for (const transaction of transactions.toSorted((a, b) => a.startedAtSec - b.startedAtSec)) {
    if (count <= maxCount && chars <= budget) return;
    removeTransaction(jar, transaction.id);
    count -= 1;
    chars -= transaction.chars;
  }
}

/** What the other cookies about signing in leave of the length that all may have together. */
function transactionBudget(jar: CookieJar): number {
  const { isHttps } = getConfig();
  const others = [sessionCookieName, lastSeenCookieName, pendingCookieName].map((name) => name(isHttps));
  const used = others
    .map((name) => ({ name, text: readSealText(jar, name) }))
    .filter(({ text }) => text !== '');
  return used.reduce((left, { name, text }) => left - name.length - text.length, maxCookieChars);
}

async function listTransactions(
  jar: CookieJar,
): Promise<{ id: string; chars: number; startedAtSec: number }[]> {
  const { isHttps } = getConfig();
  return Promise.all(
    listTransactionIds(jar).map(async (id) => {
      const name = transactionCookieName(isHttps, id);
      const text = jar.read(name) ?? '';
      const transaction = await openTransaction(text, id);
      return { id, chars: name.length + text.length, startedAtSec: transaction?.startedAtSec ?? 0 };
    }),
  );
}

/** Bounded: a flooded cookie header is not unsealed cookie by cookie. */
function listTransactionIds(jar: CookieJar): string[] {
  const prefix = transactionCookiePrefix(getConfig().isHttps);
  const names = jar.names?.() ?? [];
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter(isTransactionId)
    .slice(0, 32);
}
