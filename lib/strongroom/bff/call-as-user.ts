/** Asks the API where cookies can be written: with a token that is due for nothing, and once more with a new one when it is rejected. */
import 'server-only';
import type { ApiResult } from '../api/api-result';
import type { CookieJar } from '../session/seal';
import type { Session } from '../session/session';
import { refreshAfterRejection, refreshIfDue } from '../sign-in/fresh-session';

/** `login_required`: the session is revoked, and only signing in again helps. */
export type UserApiResult<T> = Exclude<ApiResult<T>, { kind: 'invalid_token' }> | { kind: 'login_required' };

type Call<T> = (session: Session) => Promise<ApiResult<T>>;

/** @param call must be safe to repeat: it runs a second time when the API rejected the first token */
export async function callAsUser<T>(
  jar: CookieJar,
  session: Session,
  call: Call<T>,
): Promise<UserApiResult<T>> {
  const before = await refreshIfDue(jar, session);
  if (before.kind === 'login_required') return before;
  const first = await call(before.session);
  if (first.kind !== 'invalid_token') return first;
  const recovery = await refreshAfterRejection(jar, before.session);
  if (recovery.kind === 'login_required') return recovery;
  if (recovery.kind === 'unchanged') return { kind: 'unavailable', reason: 'refresh_delayed' };
  const second = await call(recovery.session);
  if (second.kind !== 'invalid_token') return second;
  await refreshAfterRejection(jar, recovery.session);
  return { kind: 'login_required' };
}
