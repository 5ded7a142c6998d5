/** Asks the API where cookies can be written: with a token that is due for nothing, and once more with a new one when it is rejected. */
import 'server-only';
import type { ApiResult } from '../api/api-result';
import type { CookieJar } from '../session/cookie-jar';
import type { SignInReason } from '../session/loaded-session';
import type { Session } from '../session/session';
import { refreshAfterRejection, refreshIfDue } from '../sign-in/fresh-session';

/** `ended`: the session is revoked, and only signing in again helps. */
export type UserApiResult<T> =
  | Exclude<ApiResult<T>, { kind: 'invalid_token' }>
  | { kind: 'ended'; reason: SignInReason };

/** `isPresent`: a person asks, and not a script of a page by itself. */
export type Caller = { jar: CookieJar; session: Session; isPresent: boolean };

type Call<T> = (session: Session) => Promise<ApiResult<T>>;

/** @param call must be safe to repeat: it runs a second time when the API rejected the first token */
export function callAsUser<T>(jar: CookieJar, session: Session, call: Call<T>): Promise<UserApiResult<T>> {
  return callAs({ jar, session, isPresent: true }, call);
}

/** The same, for callers that may be scripts: those keep nobody signed in. */
export async function callAs<T>(
  { jar, session, isPresent }: Caller,
  call: Call<T>,
): Promise<UserApiResult<T>> {
  const before = await refreshIfDue(jar, session, isPresent);
  if (before.kind === 'ended') return before;
  const first = await call(before.session);
  if (first.kind !== 'invalid_token') return first;
  const recovery = await refreshAfterRejection(jar, before.session, isPresent);
  if (recovery.kind === 'ended') return recovery;
  if (recovery.kind === 'unchanged') return { kind: 'unavailable', reason: 'refresh_delayed' };
  const second = await call(recovery.session);
  if (second.kind !== 'invalid_token') return second;
  await refreshAfterRejection(jar, recovery.session, isPresent);
  return { kind: 'ended', reason: 'invalid_token' };
}
