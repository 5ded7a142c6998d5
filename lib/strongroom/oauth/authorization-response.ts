/**
 * Validates the query that comes back from the authorization server, before any request is sent for it. Pure.
 * @see RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2.4 (iss)
 */
import { AppError, type ErrorCode, type ErrorResponse, type ReasonOf } from '../base/errors';
import { readErrorResponse } from './error-response';

export type AuthorizationResponse =
  | { kind: 'code'; code: string }
  /** The authorization server says that it failed, or the response breaks a rule. */
  | { kind: 'error'; error: AppError }
  /** Its own sign-in page was open for too long: Keycloak wants one new request, at once. */
  | { kind: 'authentication_expired'; error: AppError };

const maxQueryChars = 8_192;
const maxParameters = 20;
const maxCodeChars = 4_096;
const maxStateChars = 2_048;
/** Tokens in a redirect belong to other flows, and so does a signed `response`. */
const unexpectedParameters = ['access_token', 'id_token', 'token', 'token_type', 'response'];

/** Checks the form of the query before any of it is used. @returns why it is rejected, or null */
export function findQueryFault(query: string): ReasonOf<'invalid_response'> | null {
  if (query.length > maxQueryChars) return 'query_too_long';
  // URLSearchParams turns undecodable bytes into U+FFFD and drops a second question mark: both are rejected.
  if (/^\?|%(?![0-9a-f]{2})/i.test(query)) return 'query_encoding';
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  if (names.length > maxParameters) return 'too_many_parameters';
  if (new Set(names).size !== names.length) return 'repeated_parameter';
  // The description is words for people in any encoding. It is cleaned before the log has it, and nothing
  // else.
  const strict = [...parameters].filter(([name]) => name !== 'error_description').flat();
  if (strict.some((text) => /[\p{Cc}\ufffd]/u.test(text))) return 'query_encoding';
  if ((parameters.get('state') ?? '').length > maxStateChars) return 'state_too_long';
  return null;
}

/**
 * Validates the response to a request of this browser: its `state` has been found to name one of its
 * transactions.
 */
export function validateAuthorizationResponse(
  parameters: URLSearchParams,
  expected: { issuer: string; isIssuerRequired: boolean },
): AuthorizationResponse {
  const iss = parameters.get('iss');
  if (iss !== null && iss !== expected.issuer) return rejected('iss_mismatch');
  if (iss === null && expected.isIssuerRequired) return rejected('iss_missing');
  if (unexpectedParameters.some((name) => parameters.has(name))) return rejected('unexpected_parameter');
  const error = parameters.get('error');
  const code = parameters.get('code');
  if (error !== null && code !== null) return rejected('code_and_error');
  if (error !== null) return readError(error, parameters.get('error_description'));
  if (code === null || code === '')
    return { kind: 'error', error: new AppError('transaction_expired', { reason: 'code_missing' }) };
  if (code.length > maxCodeChars) return rejected('code_too_long');
  return { kind: 'code', code };
}

type MakeError = (errorResponse: ErrorResponse) => AppError;

/**
 * Errors of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6, RFC 8707, RFC 9126 and RFC 9470, and what Auth0 and others
 * add. No request of ours is silent, so `consent_required` says that the user was asked and refused.
 */
const errorTable: Readonly<Record<string, MakeError>> = {
  access_denied: made('access_denied'),
  consent_required: made('access_denied', 'consent_required'),
  unauthorized: made('access_denied', 'unauthorized'),
  server_error: made('server_error'),
  temporarily_unavailable: made('temporarily_unavailable'),
  login_required: made('login_required'),
  interaction_required: made('interaction_required'),
  account_selection_required: made('interaction_required', 'account_selection_required'),
  mfa_required: made('interaction_required', 'mfa_required'),
  registration_required: made('interaction_required', 'registration_required'),
  unmet_authentication_requirements: made('unmet_authentication_requirements'),
  invalid_request_uri: made('transaction_expired', 'invalid_request_uri'),
  invalid_scope: made('invalid_scope'),
  invalid_target: made('invalid_target'),
  invalid_request: made('configuration_invalid', 'invalid_request'),
  invalid_request_object: made('configuration_invalid', 'invalid_request_object'),
  request_not_supported: made('configuration_invalid', 'request_not_supported'),
  request_uri_not_supported: made('configuration_invalid', 'request_uri_not_supported'),
  registration_not_supported: made('configuration_invalid', 'registration_not_supported'),
  unauthorized_client: made('configuration_invalid', 'unauthorized_client'),
  unsupported_response_type: made('configuration_invalid', 'unsupported_response_type'),
};

/** A code that no specification has is a refusal too: the server said no, and why is in the log. */
const unknownError = made('access_denied', 'unknown_error');

function readError(name: string, description: string | null): AuthorizationResponse {
  const errorResponse = readErrorResponse(name, description);
  if (name === 'temporarily_unavailable' && description === 'authentication_expired')
    return {
      kind: 'authentication_expired',
      error: made('login_required', 'authentication_expired')(errorResponse),
    };
  const known = Object.hasOwn(errorTable, name) ? errorTable[name] : undefined;
  return { kind: 'error', error: (known ?? unknownError)(errorResponse) };
}

function made<Code extends ErrorCode>(code: Code, reason?: ReasonOf<Code>): MakeError {
  return (errorResponse) =>
    new AppError(code, { ...(reason === undefined ? {} : { reason }), errorResponse });
}

function rejected(reason: ReasonOf<'invalid_response'>): AuthorizationResponse {
  return { kind: 'error', error: new AppError('invalid_response', { reason }) };
}
