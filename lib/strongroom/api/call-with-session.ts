/**
 * Calls the API on behalf of the session's user: sends the request, validates the response, and logs what did
 * not go well.
 */
import 'server-only';
import type { z } from 'zod';
import { nowSec } from '../base/clock';
import { isScopeOf } from '../config/apis';
import { getApi, getConfig } from '../config/config';
import { isExpired } from '../oauth/token-age';
import { isRequirementMet } from '../session/authentication-requirement';
import { fingerprintOf } from '../session/token-fingerprint';
import type { ApiResult } from './api-result';
import { type ApiSession, tokenExpired } from './api-session';
import { type CallOutcome, callPatiently } from './call-patiently';
import { logCall } from './log-call';
import { isPlainSegment } from './path-segments';
import { type ApiRequest, type ApiResponse, endOfCallMs, sendApiRequest } from './send-request';
import { type Expectations, validateApiResponse } from './validate-response';

/** Results that an operator may want to count. */
const notable = new Set(['invalid_token', 'dpop_required', 'access_denied', 'rate_limited', 'unavailable']);

export type TimedRequest = ApiRequest & {
  /** Whatever is repeated, by the monotonic clock; left out, it is that of this call alone. */
  endsAtMs?: number | undefined;
};

export async function callWithSession<T>(
  session: ApiSession,
  timed: TimedRequest,
  schema: z.ZodType<T>,
): Promise<ApiResult<T>> {
  const { endsAtMs = endOfCallMs(), ...request } = timed;
  // A page has an expired token only while the authorization server cannot give a new one: no reason to ask
  // the API, or to sign the user out.
  if (isExpired(session.tokens, nowSec())) return tokenExpired;
  // An id from an address may be anything, and nothing has such a name.
  if (!request.path.every(isPlainSegment)) return { kind: 'not_found' };
  const call = { method: request.method, resource: request.path[0] };
  const send = async () => validate(session, await sendApiRequest(session, request, endsAtMs), schema);
  const { result, cause } = await callPatiently(session, { ...call, send, endsAtMs });
  if (notable.has(result.kind)) logCall('api_response', { ...call, reason: reasonOfResult(result) }, cause);
  return result;
}

function validate<T>(session: ApiSession, response: ApiResponse, schema: z.ZodType<T>): CallOutcome<T> {
  const result = validateApiResponse(response, { schema, ...expectationsOf(session) });
  return response.kind === 'no_response' ? { result, cause: response.cause } : { result };
}

/** What the validation of a response needs to know of the session. */
export function expectationsOf(session: ApiSession): Omit<Expectations, 'schema'> {
  const { tokens, api = getApi() } = session;
  const { scopes: granted, accessToken, dpopKey } = tokens;
  const { apis, scopes } = getConfig();
  return {
    granted,
    // An API has the user asked for its own permissions, and for no other's.
    askable: scopes.filter((scope) => isScopeOf(apis, api.tokenName, scope) || api.scopes.includes(scope)),
    tokenFingerprint: fingerprintOf(accessToken),
    isBound: dpopKey !== null,
    isSatisfied: (requirement) => isRequirementMet(requirement, session, nowSec()),
  };
}

function reasonOfResult(result: ApiResult<unknown>): string {
  return result.kind === 'unavailable' ? result.reason : result.kind;
}
