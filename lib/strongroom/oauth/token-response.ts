/**
 * Validates the response of the token endpoint, for the code exchange and the refresh alike. Pure: status,
 * content type and body in, tokens or an error with a code out.
 * @see RFC 6749 §5.1 and §5.2
 */
import { AppError, type ErrorResponse, type ReasonOf } from '../base/errors';
import { isNonEmptyString, isRecord } from '../base/guards';
import { readErrorResponse, standardCode } from './error-response';

/** Assumed when the server does not say how long a token lives, or says something that is no lifetime. */
export const assumedLifetimeSec = 300;
const maxLifetimeSec = 7 * 24 * 3600;
const maxTokenChars = 64_000;
/** An ID token with all groups of a large organisation is longer than any token for an API. */
const maxIdTokenChars = 100_000;

/** What a token endpoint sent, before anything in it is taken. */
export type RawTokenResponse = { status: number; contentType: string | null; text: string };

export type TokenResult = {
  accessToken: string;
  lifetimeSec: number;
  /** null: the response has none. */
  refreshToken: string | null;
  /** How long the refresh token lives, where the server says so under one of the usual names. */
  refreshLifetimeSec: number | null;
  idToken: string | null;
  scopes: string[] | null;
};

/**
 * Errors of RFC 6749 §5.2 and RFC 9449 §5 and §8 that have an outcome of their own. The words that come with them decide nothing,
 * and are for the log.
 */
const errorTable: Readonly<Record<string, (errorResponse: ErrorResponse) => AppError>> = {
  invalid_grant: (errorResponse) => new AppError('invalid_grant', { errorResponse }),
  invalid_client: (errorResponse) => new AppError('invalid_client', { errorResponse }),
  invalid_scope: (errorResponse) => new AppError('invalid_scope', { errorResponse }),
  invalid_target: (errorResponse) => new AppError('invalid_target', { errorResponse }),
  use_dpop_nonce: (errorResponse) =>
    new AppError('temporarily_unavailable', { reason: 'use_dpop_nonce', errorResponse }),
  invalid_dpop_proof: (errorResponse) =>
    new AppError('configuration_invalid', { reason: 'invalid_dpop_proof', errorResponse }),
  unauthorized_client: (errorResponse) =>
    new AppError('configuration_invalid', { reason: 'unauthorized_client', errorResponse }),
  unsupported_grant_type: (errorResponse) =>
    new AppError('configuration_invalid', { reason: 'unsupported_grant_type', errorResponse }),
};

/** A good response, of which the access token may be one that cannot be used. */
export type TokenParts = TokenResult & { problem: AppError | null };

/**
 * @param isBound whether the request had a DPoP proof: tokens that do not need one are not taken then
 * @param assumedSec how long an access token lives whose response does not say it
 * @throws AppError: the OAuth code where the server sent one that we know, `configuration_invalid` for
 *   others that only an operator can fix, else `invalid_response`
 */
export function validateTokenResponse(response: RawTokenResponse, expected: Expected = {}): TokenResult {
  const { problem, ...result } = validateTokenParts(response, expected);
  if (problem !== null) throw problem;
  return result;
}

type Expected = { isBound?: boolean; assumedSec?: number };

/**
 * The same for a refresh: beside an access token that cannot be used there may be the only valid refresh
 * token.
 * @throws AppError as above, but for what is wrong with the access token alone
 */
export function validateTokenParts(
  { status, contentType, text }: RawTokenResponse,
  { isBound = false, assumedSec = assumedLifetimeSec }: Expected = {},
): TokenParts {
  const body = readJson(contentType, text);
  // Some servers report errors with status 200.
  const isError = status !== 200 || (body?.access_token === undefined && isNonEmptyString(body?.error));
  if (isError) throw validateTokenError({ status, contentType, text }, body);
  if (body === null) throw invalid('token_response_not_json');
  return {
    accessToken: typeof body.access_token === 'string' ? body.access_token : '',
    problem: findAccessTokenProblem(body, isBound),
    lifetimeSec: readLifetime(body.expires_in, assumedSec),
    refreshToken: readOptionalToken(body.refresh_token, 'refresh_token'),
    refreshLifetimeSec: readRefreshLifetime(body.refresh_expires_in ?? body.refresh_token_expires_in),
    idToken: readOptionalToken(body.id_token, 'id_token', maxIdTokenChars),
    scopes: readScopes(body.scope),
  };
}

function readJson(contentType: string | null, text: string): Record<string, unknown> | null {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? '')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function validateTokenError(
  { status, contentType }: RawTokenResponse,
  body: Record<string, unknown> | null,
): AppError {
  const error = isNonEmptyString(body?.error) ? body.error : '';
  const code = standardCode(error);
  const known = Object.hasOwn(errorTable, code) ? errorTable[code] : undefined;
  const errorResponse = readErrorResponse(error, body?.error_description);
  if (known !== undefined) return known(errorResponse);
  if (status === 401) return new AppError('invalid_client', { errorResponse });
  const isUnexplainedRejection = status === 400 || (status > 400 && !isAboutAddress(status, contentType));
  return new AppError('invalid_response', {
    reason: 'token_response_status',
    errorResponse,
    isUnexplainedRejection,
  });
}

/** No such endpoint, or the page of a gateway in front of it: that says nothing of the grant. */
function isAboutAddress(status: number, contentType: string | null): boolean {
  return status === 404 || status === 405 || status >= 500 || /^text\/html\b/i.test(contentType ?? '');
}

function findAccessTokenProblem(body: Record<string, unknown>, isBound: boolean): AppError | null {
  const type = isNonEmptyString(body.token_type) ? body.token_type.toLowerCase() : '';
  // Whoever steals such a token could use it, which is what the proof was to prevent. RFC 9449 §5
  if (isBound && type === 'bearer')
    return new AppError('configuration_invalid', { reason: 'dpop_not_bound' });
  if (type !== (isBound ? 'dpop' : 'bearer')) return invalid('token_type');
  const token = body.access_token;
  // RFC 6750 §2.1: b64token; some servers use other visible characters, none may end the header.
  const isUsable = typeof token === 'string' && token.length <= maxTokenChars && /^[\x21-\x7e]+$/.test(token);
  return isUsable ? null : invalid('access_token');
}

function readOptionalToken(
  value: unknown,
  name: 'refresh_token' | 'id_token',
  maxChars = maxTokenChars,
): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > maxChars || !/^[\x20-\x7e]+$/.test(value))
    throw invalid(name);
  return value;
}

/**
 * Seconds. A digit string counts; anything that is no positive number counts as not said, and no token is
 * kept for longer than a week.
 */
export function readLifetime(value: unknown, assumedSec = assumedLifetimeSec): number {
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 1) return assumedSec;
  return Math.min(Math.floor(seconds), maxLifetimeSec);
}

/** Seconds, or null when nothing usable is said; Keycloak says 0 for a token without an end. */
function readRefreshLifetime(value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 1 && seconds <= 1e10 ? Math.floor(seconds) : null;
}

/** Seconds since the epoch, or null when the response does not say. */
export function endOfRefreshToken(
  { refreshLifetimeSec }: Pick<TokenResult, 'refreshLifetimeSec'>,
  requestedAtSec: number,
): number | null {
  return refreshLifetimeSec === null ? null : requestedAtSec + refreshLifetimeSec;
}

function readScopes(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > 4_000) throw invalid('scope');
  // A comma may be part of a scope, and some servers separate scopes with it.
  return [...new Set([...value.split(' '), ...value.split(/[ ,]/)].filter((scope) => scope !== ''))];
}

function invalid(reason: ReasonOf<'invalid_response'>): AppError {
  return new AppError('invalid_response', { reason });
}
