/** Calls the API as the user of this request: the one function through which pages, actions and routes do. */
import 'server-only';
import { redirect } from 'next/navigation';
import type { z } from 'zod';
import { callApi as callWithSession } from '../api/call-api';
import type { ApiRequest } from '../api/send-request';
import type { Session } from '../session/session';
import { refreshPath } from '../sign-in/paths';
import { callAs, type UserApiResult } from './call-as-user';
import { currentCaller, LoginRequiredError } from './caller';
import { currentPage } from './page-session';

/** Every expected outcome as a value, for one `switch` in the page. */
export type CallResult<T> = Exclude<UserApiResult<T>, { kind: 'login_required' }>;

/**
 * Calls the API with the access token of this request’s session, and validates the response with `schema`. A
 * rejected token never reaches the adopter: from a page it leads through the refresh route and back, within
 * an action or a route it is refreshed and the call repeated; what rejects a fresh token is `unavailable`,
 * and when only signing in again helps, the wrapper asks for that. A segment of the path that is no plain
 * name, such as `../a`, is `not_found`, and the API is not asked.
 * @throws Error in a page that has not awaited `requireSession`, and outside of pages, actions and routes
 * @example
 * const invoice = z.object({ id: z.string(), total: z.number() });
 * const result = await callApi({ method: 'GET', path: ['invoices', id] }, invoice);
 * if (result.kind === 'ok') show(result.value);
 */
export async function callApi<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<CallResult<T>> {
  const call = (session: Session) => callWithSession(session, request, schema);
  const caller = currentCaller();
  if (caller === null) return callFromPage(call);
  const result = await callAs(caller, call);
  if (result.kind === 'login_required') throw new LoginRequiredError(result.reason);
  return result;
}

/** Rendering cannot set cookies: a route fetches the new token and comes back. */
async function callFromPage<T>(
  call: (session: Session) => ReturnType<typeof callWithSession<T>>,
): Promise<CallResult<T>> {
  const { session, here } = await currentPage();
  const result = await call(session);
  return result.kind === 'invalid_token' ? redirect(refreshPath(here, result.tokenFingerprint)) : result;
}
