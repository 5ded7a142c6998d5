/**
 * Calls the API where cookies can be written: with a token that is not due for a refresh, and once more with
 * a new one when the API rejects it.
 */
import 'server-only';
import type { ApiResult } from '../api/api-result';
import { type ApiSession, accessApi } from '../api/api-session';
import type { Api } from '../config/apis';
import { wouldBindTokens } from '../oauth/dpop-support';
import type { SignInReason } from '../session/loaded-session';
import type { Session } from '../session/session';
import { refreshAfterRejection, refreshIfDue } from '../sign-in/fresh-session';
import type { Caller } from './caller';

/** Only signing in again helps; `reason` is undefined when there was no session. */
export type LoginRequired = { kind: 'login_required'; reason: SignInReason | undefined };

export type UserApiResult<T> =
  | Exclude<ApiResult<T>, { kind: 'invalid_token' | 'dpop_required' }>
  | LoginRequired;

const refreshDelayed = { kind: 'unavailable', reason: 'refresh_delayed', problem: 'not_refreshed' } as const;

/**
 * A refreshed session takes its place in `caller`.
 * @param call must be safe to repeat: it runs a second time when the API rejected the first token
 */
export async function callAs<T>(
  caller: Caller,
  call: (session: ApiSession) => Promise<ApiResult<T>>,
  api: Api,
): Promise<UserApiResult<T>> {
  const first = await callOnce(caller, call, api);
  if (first.kind === 'dpop_required') return askForBoundTokens();
  if (first.kind !== 'invalid_token') return first;
  const recovery = await refreshAfterRejection(caller.jar, caller.session, api);
  if (recovery.kind === 'login_required') return recovery;
  if (recovery.kind === 'unchanged') return refreshDelayed;
  caller.session = recovery.session;
  const second = await callWithToken(caller.session, call, api);
  if (second.kind === 'dpop_required') return askForBoundTokens();
  return second.kind === 'invalid_token' ? refreshDelayed : second;
}

/** A refresh leaves bearer tokens bearer tokens: only a new sign-in gets bound ones, where the server issues them. */
export async function askForBoundTokens(): Promise<UserApiResult<never>> {
  const reason = 'dpop_required';
  return (await wouldBindTokens()) ? { kind: 'login_required', reason } : { kind: 'unavailable', reason };
}

async function callOnce<T>(
  caller: Caller,
  call: (session: ApiSession) => Promise<ApiResult<T>>,
  api: Api,
): Promise<ApiResult<T> | LoginRequired> {
  const now = accessApi(caller.session, api);
  // A refresh would not change it.
  if (now.kind === 'insufficient_scope') return now;
  const before = await refreshIfDue(caller.jar, caller.session, { api });
  if (before.kind === 'login_required') return before;
  caller.session = before.session;
  return callWithToken(caller.session, call, api);
}

async function callWithToken<T>(
  session: Session,
  call: (session: ApiSession) => Promise<ApiResult<T>>,
  api: Api,
): Promise<ApiResult<T>> {
  const access = accessApi(session, api);
  if (access.kind === 'ready') return call(access.session);
  return access.kind === 'token_missing' ? refreshDelayed : access;
}
