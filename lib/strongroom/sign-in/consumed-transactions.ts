/** Which transactions were used, and where they ended: a code is exchanged once, and Back or reload on the callback leads on to the page. */
import 'server-only';
import { isRecord } from '../base/guards';
import { cookieLifetimes } from '../session/cookies';
import { seal, unseal } from '../session/seal';
import type { Session } from '../session/session';
import type { SignInTransaction } from '../session/sign-in-transaction';
import { currentStore } from '../store/current-store';

const lifetimeSec = cookieLifetimes.transactionCookieSec;

/** @returns false when the transaction was claimed before, here or by any instance that shares the store */
export async function consumeTransaction(transactionId: string): Promise<boolean> {
  return currentStore().claim(`transaction:${transactionId}`, 'used', lifetimeSec * 1000);
}

export async function rememberConsumed(transaction: SignInTransaction, session: Session): Promise<void> {
  const sealed = await seal(
    'refresh_result',
    { sessionId: session.id, returnTo: transaction.returnTo },
    lifetimeSec,
  );
  await currentStore().set(`finished:${transaction.id}`, sealed, lifetimeSec * 1000);
}

/** Where the transaction led, if it led to this very session; else null. */
export async function consumedReturnTo(transactionId: string, session: Session): Promise<string | null> {
  const sealed = await currentStore().get(`finished:${transactionId}`);
  const data = sealed === null ? null : await unseal('refresh_result', sealed, lifetimeSec);
  if (!isRecord(data) || data.sessionId !== session.id || typeof data.returnTo !== 'string') return null;
  return data.returnTo;
}
