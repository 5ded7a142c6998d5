/**
 * Judges the query that comes back from the authorization server, before anything is sent on its behalf. Pure.
 * @see RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2.4 (iss)
 */
import type { ErrorCode } from '@/lib/base/errors';

export type AuthorizationResponse =
  | { kind: 'code'; code: string }
  | { kind: 'error'; code: ErrorCode; reason: string }
  | { kind: 'refused'; code: 'answer_not_believed' | 'sign_in_expired'; reason: string };

const maxQueryChars = 8_192;
const maxParameters = 20;
const maxCodeChars = 4_096;
const maxStateChars = 2_048;
/** Tokens in a redirect belong to other flows; a `response` would be a signed answer that we did not ask for. */
const foreignParameters = ['access_token', 'id_token', 'token', 'token_type', 'response'];

/** Whether the query may be looked at at all. @returns the refusal, or null */
export function judgeQueryShape(query: string): { reason: string } | null {
  if (query.length > maxQueryChars) return { reason: 'query_too_long' };
  // Undecodable bytes become U+FFFD in URLSearchParams, and a second question mark disappears: refused, not guessed.
  if (/^\?|%(?![0-9a-f]{2})/i.test(query)) return { reason: 'query_encoding' };
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  if (names.length > maxParameters) return { reason: 'too_many_parameters' };
  if (new Set(names).size !== names.length) return { reason: 'repeated_parameter' };
  if ([...names, ...parameters.values()].some((text) => /[\p{Cc}\ufffd]/u.test(text)))
    return { reason: 'query_encoding' };
  if ((parameters.get('state') ?? '').length > maxStateChars) return { reason: 'state_too_long' };
  return null;
}

/** Judges the answer to a request that this browser made: the attempt behind `state` has been found. */
export function judgeAuthorizationResponse(
  parameters: URLSearchParams,
  expected: { issuer: string; isIssuerRequired: boolean },
): AuthorizationResponse {
  const iss = parameters.get('iss');
  if (iss !== null && iss !== expected.issuer) return refused('iss_mismatch');
  if (iss === null && expected.isIssuerRequired) return refused('iss_missing');
  if (foreignParameters.some((name) => parameters.has(name))) return refused('unexpected_parameter');
  const error = parameters.get('error');
  const code = parameters.get('code');
  if (error !== null && code !== null) return refused('code_and_error');
  if (error !== null) return judgeError(error);
  if (code === null || code === '')
    return { kind: 'refused', code: 'sign_in_expired', reason: 'code_missing' };
  if (code.length > maxCodeChars) return refused('code_too_long');
  return { kind: 'code', code };
}

const errorTable: Record<string, ErrorCode> = {
  access_denied: 'access_denied',
  server_error: 'sign_in_service_down',
  temporarily_unavailable: 'sign_in_service_down',
  login_required: 'interaction_required',
  interaction_required: 'interaction_required',
  account_selection_required: 'interaction_required',
  consent_required: 'interaction_required',
  unmet_authentication_requirements: 'unmet_authentication_requirements',
  invalid_request_uri: 'sign_in_expired',
  invalid_request: 'sign_in_misconfigured',
  invalid_request_object: 'sign_in_misconfigured',
  request_not_supported: 'sign_in_misconfigured',
  request_uri_not_supported: 'sign_in_misconfigured',
  registration_not_supported: 'sign_in_misconfigured',
  unauthorized_client: 'sign_in_misconfigured',
  unsupported_response_type: 'sign_in_misconfigured',
  invalid_scope: 'sign_in_misconfigured',
  invalid_target: 'sign_in_misconfigured',
};

/** Known codes have their own outcome; the text that came with them is never used. */
function judgeError(error: string): AuthorizationResponse {
  const code = Object.hasOwn(errorTable, error) ? errorTable[error] : undefined;
  return code === undefined
    ? { kind: 'error', code: 'answer_not_believed', reason: 'unknown_error' }
    : { kind: 'error', code, reason: error };
}

function refused(reason: string): AuthorizationResponse {
  return { kind: 'refused', code: 'answer_not_believed', reason };
}
