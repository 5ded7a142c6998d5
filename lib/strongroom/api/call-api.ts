/**
 * Calls the API on behalf of the session's user: sends the request, validates the response, and logs what did
 * not go well.
 */
import 'server-only';
import type { z } from 'zod';
import { nowSec } from '../base/clock';
import { describeCauses, logFailure, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { isExpired } from '../oauth/token-age';
import { isRequirementMet } from '../session/authentication-requirement';
import type { Session } from '../session/session';
import { fingerprintOf } from '../session/token-fingerprint';
import type { ApiResult } from './api-result';
import { type ApiRequest, sendApiRequest } from './send-request';
import { type Expectations, validateApiResponse } from './validate-response';

/** Results that an operator may want to count. */
const notable = new Set(['invalid_token', 'access_denied', 'rate_limited', 'unavailable']);

export async function callApi<T>(
  session: Session,
  request: ApiRequest,
  schema: z.ZodType<T>,
): Promise<ApiResult<T>> {
  // A page has an expired token only while the authorization server cannot give a new one: no reason to ask
  // the API, or to sign the user out.
  if (isExpired(session.tokens, nowSec())) return { kind: 'unavailable', reason: 'token_expired' };
  const response = await sendApiRequest(session, request);
  const result = validateApiResponse(response, { schema, ...expectationsOf(session) });
  logResult(result, {
    method: request.method,
    resource: request.path.split('/')[1] ?? '',
    cause: response.kind === 'no_response' ? response.cause : undefined,
  });
  return result;
}

/** What the validation of a response needs to know of the session. */
export function expectationsOf(session: Session): Omit<Expectations, 'schema'> {
  const { scopes: granted, accessToken } = session.tokens;
  return {
    granted,
    askable: getConfig().scopes,
    tokenFingerprint: fingerprintOf(accessToken),
    isSatisfied: (requirement) => isRequirementMet(requirement, session, nowSec()),
  };
}

type CallFields = { method: string; resource: string; cause: unknown };

/**
 * One line for each call that an operator may want to know of, with its cause: nothing else logs that one.
 */
export function logResult(result: ApiResult<unknown>, { cause, ...request }: CallFields): void {
  if (!notable.has(result.kind)) return;
  const reason = result.kind === 'unavailable' ? result.reason : result.kind;
  const causes = cause === undefined ? {} : { causes: describeCauses(cause) };
  if (reason === 'internal_error') logFailure('api_response', cause, { ...request, reason });
  else logWarning('api_response', { ...request, reason, ...causes });
}
