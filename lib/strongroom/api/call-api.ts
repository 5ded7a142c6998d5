/** Asks the API on behalf of the session's user: sends, judges, and notes in the log what did not go well. */
import 'server-only';
import type { z } from 'zod';
import { nowSec } from '../base/clock';
import { logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { isExpired } from '../oauth/token-age';
import { isRequirementMet } from '../session/authentication-requirement';
import type { Session } from '../session/session';
import { fingerprintOf } from '../session/token-fingerprint';
import type { ApiResult } from './api-result';
import { type ApiRequest, sendApiRequest } from './send-request';
import { type Expectations, validateApiResponse } from './validate-response';

/** Outcomes that an operator may want to count. */
const notable = new Set(['invalid_token', 'access_denied', 'rate_limited', 'unavailable']);

export async function callApi<T>(
  session: Session,
  request: ApiRequest,
  schema: z.ZodType<T>,
): Promise<ApiResult<T>> {
  // An expired token reaches a page only while the authorization server cannot give a new one: nothing to ask, nobody to sign out.
  if (isExpired(session.tokens, nowSec())) return { kind: 'unavailable', reason: 'token_expired' };
  const response = await sendApiRequest(session, request);
  const answer = validateApiResponse(response, { schema, ...expectationsOf(session) });
  logResult(answer, { method: request.method, resource: request.path.split('/')[1] ?? '' });
  return answer;
}

/** What an answer is judged by, as far as it is the session's. */
export function expectationsOf(session: Session): Omit<Expectations, 'schema'> {
  const { scopes: granted, accessToken } = session.tokens;
  return {
    granted,
    askable: getConfig().scopes,
    tokenFingerprint: fingerprintOf(accessToken),
    isSatisfied: (requirement) => isRequirementMet(requirement, session, nowSec()),
  };
}

export function logResult(answer: ApiResult<unknown>, request: { method: string; resource: string }): void {
  if (!notable.has(answer.kind)) return;
  const reason = answer.kind === 'unavailable' ? answer.reason : answer.kind;
  logWarning('api_response', { ...request, reason });
}
