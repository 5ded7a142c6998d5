/**
 * One sign-in that was started and not yet finished. Each has a sealed cookie of its own, named after the
 * random id that travels as `state`, so tabs never disturb each other, and a callback whose `state` names no
 * cookie of this browser is rejected by construction.
 * @see RFC 6749 §10.12, RFC 9700 §4.7
 */
import 'server-only';
import { z } from 'zod';
import { nowSec } from '../base/clock';
import { isRandomId } from '../base/random-id';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { authenticationRequirementSchema } from './authentication-requirement';
import { type CookieJar, countCharsLeft, listTransactionCookies } from './cookie-jar';
import { cookieAttributes, cookieLifetimes, transactionCookieName } from './cookies';
import { seal, unseal } from './seal';
import { maxPartChars } from './sealed-cookie';
import { dpopKeySchema } from './session';

const transactionSchema = z.object({
  id: z.string(),
  /** The authorization server it was started for: it never completes with another. @see RFC 9700 §4.4 */
  issuer: z.string(),
  codeVerifier: z.string(),
  nonce: z.string(),
  /** The key to which the tokens will be bound; null: bearer tokens. */
  dpopKey: dpopKeySchema.nullable().default(null),
  returnTo: z.string(),
  /** Everything that it asks for. */
  scopes: z.array(z.string()),
  /** The one permission that is asked for on top of what was granted; null for any other sign-in. */
  permission: z.string().nullable(),
  /**
   * Pseudonym of the user whose session it adds to; null for an ordinary sign-in, which any user may finish.
   */
  owner: z.string().nullable().default(null),
  /** How freshly or strongly the user must sign in, and the pending action that needs it. */
  stepUp: z
    .object({ requirement: authenticationRequirementSchema, pendingId: z.string().nullable() })
    .nullable(),
  /** What the link added to the request, so that another try asks for the same. */
  parameters: z.record(z.string(), z.string()).default({}),
  /** The user wanted to choose another account or to create one, so that a second request asks for it too. */
  account: z.enum(['another', 'new']).nullable().default(null),
  /** The server asked for a new request once, and gets no third one by itself. */
  isSecond: z.boolean().default(false),
  /** APIs that it does not ask for, because the server rejected their audience (oauth/requested-targets.ts). */
  leftOut: z.array(z.string()).default([]),
  startedAtSec: z.number().int(),
});

export type SignInTransaction = z.infer<typeof transactionSchema>;

/**
 * The transaction that `state` names in this browser, or null. It may be past its time: see
 * `isTransactionExpired`.
 */
export async function readTransaction(
  jar: Pick<CookieJar, 'read'>,
  state: unknown,
): Promise<SignInTransaction | null> {
  if (!isRandomId(state)) return null;
  return openTransaction(jar.read(transactionCookieName(getConfig(), state)) ?? '', state);
}

async function openTransaction(text: string, id: string): Promise<SignInTransaction | null> {
  const parsed = transactionSchema.safeParse(
    await unseal('transaction', text, cookieLifetimes.transactionCookieSec),
  );
  // The id inside the seal, not the cookie's name, says which transaction it is: renaming a cookie changes
  // nothing.
  if (!parsed.success || parsed.data.id !== id || parsed.data.issuer !== getConfig().issuer) return null;
  return parsed.data;
}

export function isTransactionExpired(transaction: SignInTransaction, atSec: number = nowSec()): boolean {
  return transaction.startedAtSec + cookieLifetimes.transactionSec <= atSec;
}

/**
 * Writes the transaction's cookie. The jar drops the oldest ones when they are too many or take too much room
 * (cookie-jar.ts). What a link added or a long return target may not fit, alone or beside a large session. The
 * sign-in matters more, so it goes on without them, and ends at the usual page.
 */
export async function writeTransaction(jar: CookieJar, transaction: SignInTransaction): Promise<void> {
  const config = getConfig();
  const lifetimeSec = cookieLifetimes.transactionCookieSec;
  const name = transactionCookieName(config, transaction.id);
  const chars = Math.min(maxPartChars, countCharsLeft(jar) - name.length);
  const { afterSignIn } = getDeclaration().paths;
  let text = '';
  for (const shorter of [{}, { parameters: {} }, { parameters: {}, returnTo: afterSignIn }]) {
    text = await seal('transaction', leaveOutDefaults({ ...transaction, ...shorter }), lifetimeSec);
    if (text.length <= chars) break;
  }
  jar.write(name, text, { ...cookieAttributes(config.isHttps), maxAge: lifetimeSec });
}

/** Five of them share the Cookie header with the session: what reading fills in again is not sealed. */
function leaveOutDefaults(transaction: SignInTransaction) {
  const { dpopKey, owner, parameters, account, isSecond, leftOut, ...rest } = transaction;
  const given = {
    ...(dpopKey === null ? {} : { dpopKey }),
    ...(owner === null ? {} : { owner }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(account === null ? {} : { account }),
    ...(isSecond ? { isSecond } : {}),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
  return { ...rest, ...given };
}

export function removeTransaction(jar: CookieJar, transactionId: string): void {
  removeCookie(jar, transactionCookieName(getConfig(), transactionId));
}

export function removeAllTransactions(jar: CookieJar): void {
  for (const name of listTransactionCookies(jar)) removeCookie(jar, name);
}

function removeCookie(jar: CookieJar, name: string): void {
  jar.write(name, '', { ...cookieAttributes(getConfig().isHttps), maxAge: 0 });
}
