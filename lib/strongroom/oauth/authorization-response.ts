/**
 * Judges the query that comes back from the authorization server, before anything is sent on its behalf. Pure.
 * @see RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2.4 (iss)
 */
import type { ErrorCode } from '../base/errors';

export type AuthorizationResponse =
  | { kind: 'code'; code: string }
  | { kind: 'error'; code: ErrorCode; reason: string }
  | { kind: 'rejected'; code: 'invalid_response' | 'transaction_expired'; reason: string };

const maxQueryChars = 8_192;
const maxParameters = 20;
const maxCodeChars = 4_096;
const maxStateChars = 2_048;
/** Tokens in a redirect belong to other flows; a `response` would be a signed answer that we did not ask for. */
const foreignParameters = ['access_token', 'id_token', 'token', 'token_type', 'response'];

/** Whether the query may be looked at at all. @returns the rejection, or null */
export function validateQueryShape(query: string): { reason: string } | null {
  if (query.length > maxQueryChars) return { reason: 'query_too_long' };
  // Undecodable bytes become U+FFFD in URLSearchParams, and a second question mark disappears: rejected, not guessed.
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

/** Judges the answer to a request that this browser made: the transaction behind `state` has been found. */
export function validateAuthorizationResponse(
  parameters: URLSearchParams,
  expected: { issuer: string; isIssuerRequired: boolean },
): AuthorizationResponse {
  const iss = parameters.get('iss');
  if (iss !== null && iss !== expected.issuer) return rejected('iss_mismatch');
  if (iss === null && expected.isIssuerRequired) return rejected('iss_missing');
  if (foreignParameters.some((name) => parameters.has(name))) return rejected('unexpected_parameter');
  const error = parameters.get('error');
  const code = parameters.get('code');
  if (error !== null && code !== null) return rejected('code_and_error');
  if (error !== null) return validateError(error);
  if (code === null || code === '')
    return { kind: 'rejected', code: 'transaction_expired', reason: 'code_missing' };
  if (code.length > maxCodeChars) return rejected('code_too_long');
  return { kind: 'code', code };
}

const errorTable: Record<string, ErrorCode> = {
  access_denied: 'access_denied',
  server_error: 'server_error',
  temporarily_unavailable: 'temporarily_unavailable',
  login_required: 'login_required',
  interaction_required: 'interaction_required',
  account_selection_required: 'interaction_required',
  consent_required: 'consent_required',
  unmet_authentication_requirements: 'unmet_authentication_requirements',
  invalid_request_uri: 'transaction_expired',
  invalid_request: 'configuration_invalid',
  invalid_request_object: 'configuration_invalid',
  request_not_supported: 'configuration_invalid',
  request_uri_not_supported: 'configuration_invalid',
  registration_not_supported: 'configuration_invalid',
  unauthorized_client: 'configuration_invalid',
  unsupported_response_type: 'configuration_invalid',
  invalid_scope: 'invalid_scope',
  invalid_target: 'invalid_target',
};

/** Known codes have their own outcome; the text that came with them is never used. */
function validateError(error: string): AuthorizationResponse {
  const code = Object.hasOwn(errorTable, error) ? errorTable[error] : undefined;
  return code === undefined
    ? { kind: 'error', code: 'invalid_response', reason: 'unknown_error' }
    : { kind: 'error', code, reason: error };
}

function rejected(reason: string): AuthorizationResponse {
  return { kind: 'rejected', code: 'invalid_response', reason };
}
