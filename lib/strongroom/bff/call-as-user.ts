/**
 * Calls the API where cookies can be written: with a token that is not due for a refresh, and once more with
 * a new one when the API rejects it.
 */
import 'server-only';
import type { ApiResult } from '../api/api-result';
import type { SignInReason } from '../session/loaded-session';
import type { Session } from '../session/session';
import { refreshAfterRejection, refreshIfDue } from '../sign-in/fresh-session';
import type { Caller } from './caller';

/** Only signing in again helps; `reason` is undefined when there was no session. */
export type LoginRequired = { kind: 'login_required'; reason: SignInReason | undefined };

export type UserApiResult<T> = Exclude<ApiResult<T>, { kind: 'invalid_token' }> | LoginRequired;

const refreshDelayed = { kind: 'unavailable', reason: 'refresh_delayed', problem: 'not_refreshed' } as const;

/**
 * A refreshed session takes its place in `caller`.
 * @param call must be safe to repeat: it runs a second time when the API rejected the first token
 */
export async function callAs<T>(
  caller: Caller,
  call: (session: Session) => Promise<ApiResult<T>>,
): Promise<UserApiResult<T>> {
  const { jar } = caller;
  const before = await refreshIfDue(jar, caller.session);
  if (before.kind === 'login_required') return before;
  caller.session = before.session;
  const first = await call(caller.session);
  if (first.kind !== 'invalid_token') return first;
  const recovery = await refreshAfterRejection(jar, caller.session);
  if (recovery.kind === 'login_required') return recovery;
  if (recovery.kind === 'unchanged') return refreshDelayed;
  caller.session = recovery.session;
  const second = await call(caller.session);
  return second.kind === 'invalid_token' ? refreshDelayed : second;
}
