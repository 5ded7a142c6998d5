/**
 * Which sign-in transactions were consumed, in the store that the instances share: one code is exchanged
 * once, and a callback that comes again finds the session that it started. @see RFC 6749 §4.1.2
 */
import 'server-only';
import { isRecord } from '../base/guards';
import { currentStore } from '../store/current-store';
import { cookieLifetimes } from './cookies';
import { seal, unseal } from './seal';
import type { Session } from './session';
import type { SignInTransaction } from './sign-in-transaction';

const consumedSec = cookieLifetimes.transactionCookieSec;
const rejectedCodeMs = 60_000;

export type ConsumedTransaction = { sessionId: string; returnTo: string };

/**
 * @returns false when the transaction was consumed before, here or by another instance that shares the store
 */
export function consumeTransaction({ id }: SignInTransaction): Promise<boolean> {
  return currentStore().claim(usedKey(id), 'used', consumedSec * 1000);
}

/**
 * A stranger can make up any number of codes. When the server says that there is no such code, the mark of
 * its transaction stays for a minute only, so that such marks do not fill the store. Never throws.
 */
export async function forgetSoon(id: string): Promise<void> {
  await currentStore()
    .set(usedKey(id), 'used', rejectedCodeMs)
    .catch(() => {});
}

export async function rememberConsumed({ id, returnTo }: SignInTransaction, session: Session): Promise<void> {
  const sealed = await seal('consumed_transaction', { sessionId: session.id, returnTo }, consumedSec);
  await currentStore().set(consumedKey(id), sealed, consumedSec * 1000);
}

export async function readConsumed(id: string): Promise<ConsumedTransaction | null> {
  const sealed = await currentStore().get(consumedKey(id));
  const data = sealed === null ? null : await unseal('consumed_transaction', sealed, consumedSec);
  if (!isRecord(data) || typeof data.sessionId !== 'string' || typeof data.returnTo !== 'string') return null;
  return { sessionId: data.sessionId, returnTo: data.returnTo };
}

function usedKey(id: string): string {
  return `transaction:${id}`;
}

function consumedKey(id: string): string {
  return `consumed:${id}`;
}
