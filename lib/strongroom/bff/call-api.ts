/** Calls the API as the user of this request: the one function through which pages, actions and routes do. */
import 'server-only';
import { redirect } from 'next/navigation';
import type { z } from 'zod';
import { type ApiSession, accessApi } from '../api/api-session';
import { callWithSession } from '../api/call-with-session';
import type { ApiRequest } from '../api/send-request';
import type { Api } from '../config/apis';
import { getApi } from '../config/config';
import type { ApiName } from '../config/declaration';
import { refreshPath, signInPath } from '../sign-in/paths';
import { askForBoundTokens, callAs, type UserApiResult } from './call-as-user';
import { currentCaller, LoginRequiredError } from './caller';
import { currentPage } from './page-session';

/** Every expected outcome as a value, for one `switch` in the page. */
export type CallResult<T> = Exclude<UserApiResult<T>, { kind: 'login_required' }>;

/**
 * Calls an API with the access token that this request’s session has for it, and validates the response with
 * `schema`. Without a name it is the first API of the declaration. A
 * rejected token never reaches the adopter: from a page it leads through the refresh route and back, within
 * an action or a route it is refreshed and the call repeated; what rejects a fresh token is `unavailable`,
 * and when only signing in again helps, the wrapper asks for that. A segment of the path that is no plain
 * name, such as `../a`, is `not_found`, and the API is not asked.
 * All calls of one page together, with all that is repeated in them, take at most 8 seconds from the first one on: what
 * is late is `unavailable`. Each call of an action or a route has 8 seconds, and as long again after a refresh.
 * @throws Error in a page that has not awaited `requireSession`, and outside of pages, actions and routes
 * @example
 * const invoice = z.object({ id: z.string(), total: z.number() });
 * const result = await callApi({ method: 'GET', path: ['invoices', id] }, invoice);
 * if (result.kind === 'ok') show(result.value);
 * const rates = await callApi('exchange', { method: 'GET', path: ['rates'] }, rateSchema);
 */
export async function callApi<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<CallResult<T>>;
export async function callApi<T>(...named: NamedCall<T>): Promise<CallResult<T>>;
export async function callApi<T>(...call: UnnamedCall<T> | NamedCall<T>): Promise<CallResult<T>> {
  return call.length === 2 ? callOne(getApi(), ...call) : callOne(getApi(call[0]), call[1], call[2]);
}

type UnnamedCall<T> = [request: ApiRequest, schema: z.ZodType<T>];
type NamedCall<T> = [api: ApiName, ...UnnamedCall<T>];

async function callOne<T>(api: Api, request: ApiRequest, schema: z.ZodType<T>): Promise<CallResult<T>> {
  const call = (session: ApiSession, endsAtMs?: number) =>
    callWithSession(session, { ...request, endsAtMs }, schema);
  const caller = currentCaller();
  if (caller === null) return callFromPage(api, call);
  const result = await callAs(caller, (session) => call(session), api);
  if (result.kind === 'login_required') throw new LoginRequiredError(result.reason);
  return result;
}

/** Rendering cannot set cookies: a route fetches the new token and comes back. */
async function callFromPage<T>(
  api: Api,
  call: (session: ApiSession, endsAtMs: number) => ReturnType<typeof callWithSession<T>>,
): Promise<CallResult<T>> {
  const { session, here, callsEndAtMs } = await currentPage();
  const access = accessApi(session, api);
  if (access.kind === 'token_missing') return redirect(refreshPath(here, { api }));
  if (access.kind !== 'ready') return access;
  const called = await call(access.session, callsEndAtMs);
  const result = called.kind === 'dpop_required' ? await askForBoundTokens() : called;
  if (result.kind === 'login_required')
    return redirect(signInPath({ returnTo: here, reason: result.reason }));
  if (result.kind !== 'invalid_token') return result;
  return redirect(refreshPath(here, { api, rejected: result.tokenFingerprint }));
}
