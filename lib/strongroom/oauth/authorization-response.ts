/**
 * Validates the query that comes back from the authorization server, before any request is sent for it. Pure.
 * @see RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2.4 (iss)
 */
import { AppError, type ReasonOf } from '../base/errors';

export type AuthorizationResponse =
  | { kind: 'code'; code: string }
  /** The authorization server says that it failed, or the response breaks a rule. */
  | { kind: 'error'; error: AppError };

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
  if ([...names, ...parameters.values()].some((text) => /[\p{Cc}\ufffd]/u.test(text)))
    return 'query_encoding';
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
  if (error !== null) return { kind: 'error', error: readError(error) };
  if (code === null || code === '')
    return { kind: 'error', error: new AppError('transaction_expired', { reason: 'code_missing' }) };
  if (code.length > maxCodeChars) return rejected('code_too_long');
  return { kind: 'code', code };
}

/**
 * Errors of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6, RFC 8707, RFC 9126 and RFC 9470. The text that comes with
 * them is never used.
 */
const errorTable: Readonly<Record<string, () => AppError>> = {
  access_denied: () => new AppError('access_denied'),
  server_error: () => new AppError('server_error'),
  temporarily_unavailable: () => new AppError('temporarily_unavailable'),
  login_required: () => new AppError('login_required'),
  interaction_required: () => new AppError('interaction_required'),
  account_selection_required: () =>
    new AppError('interaction_required', { reason: 'account_selection_required' }),
  consent_required: () => new AppError('consent_required'),
  unmet_authentication_requirements: () => new AppError('unmet_authentication_requirements'),
  invalid_request_uri: () => new AppError('transaction_expired', { reason: 'invalid_request_uri' }),
  invalid_scope: () => new AppError('invalid_scope'),
  invalid_target: () => new AppError('invalid_target'),
  invalid_request: () => misconfigured('invalid_request'),
  invalid_request_object: () => misconfigured('invalid_request_object'),
  request_not_supported: () => misconfigured('request_not_supported'),
  request_uri_not_supported: () => misconfigured('request_uri_not_supported'),
  registration_not_supported: () => misconfigured('registration_not_supported'),
  unauthorized_client: () => misconfigured('unauthorized_client'),
  unsupported_response_type: () => misconfigured('unsupported_response_type'),
};

function readError(name: string): AppError {
  const known = Object.hasOwn(errorTable, name) ? errorTable[name] : undefined;
  return known === undefined ? new AppError('invalid_response', { reason: 'unknown_error' }) : known();
}

function misconfigured(reason: ReasonOf<'configuration_invalid'>): AppError {
  return new AppError('configuration_invalid', { reason });
}

function rejected(reason: ReasonOf<'invalid_response'>): AuthorizationResponse {
  return { kind: 'error', error: new AppError('invalid_response', { reason }) };
}
