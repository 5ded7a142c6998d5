/** Asks the API where cookies can be written: with a token that is due for nothing, and once more with a new one when it is refused. */
import 'server-only';
import type { ApiAnswer } from '@/lib/api/answer';
import { keepFresh, recoverSession } from '@/lib/auth/keep-fresh';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';

/** `ended`: the session is over, and only signing in again helps. */
export type PersonAnswer<T> = Exclude<ApiAnswer<T>, { kind: 'token_refused' }> | { kind: 'ended' };

/** `isPresent`: a person asks, and not a script of a page by itself. */
export type Caller = { jar: CookieJar; session: Session; isPresent: boolean };

type Call<T> = (session: Session) => Promise<ApiAnswer<T>>;

/** @param call must be safe to repeat: it runs a second time when the API refused the first token */
export function callForPerson<T>(jar: CookieJar, session: Session, call: Call<T>): Promise<PersonAnswer<T>> {
  return callFor({ jar, session, isPresent: true }, call);
}

/** The same, for callers that may be scripts: those keep nobody signed in. */
export async function callFor<T>(
  { jar, session, isPresent }: Caller,
  call: Call<T>,
): Promise<PersonAnswer<T>> {
  const before = await keepFresh(jar, session, isPresent);
  if (before.kind === 'ended') return before;
  const first = await call(before.session);
  if (first.kind !== 'token_refused') return first;
  const recovery = await recoverSession(jar, before.session, isPresent);
  if (recovery.kind === 'ended') return recovery;
  if (recovery.kind === 'unchanged') return { kind: 'unavailable', reason: 'refresh_delayed' };
  const second = await call(recovery.session);
  if (second.kind !== 'token_refused') return second;
  await recoverSession(jar, recovery.session, isPresent);
  return { kind: 'ended' };
}
