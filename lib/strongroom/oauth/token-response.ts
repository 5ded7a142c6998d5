/**
 * Judges what a token endpoint answered, for the code exchange and for refreshing alike. Pure: status, content type and body in, tokens or
 * a coded rejection out.
 * @see RFC 6749 §5.1 and §5.2
 */
import { AppError, type ErrorCode } from '../base/errors';
import { isNonEmptyString, isRecord } from '../base/guards';

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
  /** null: the answer has none. */
  refreshToken: string | null;
  /** How long the refresh token lives, where the server says so in one of the usual words. */
  refreshLifetimeSec: number | null;
  idToken: string | null;
  scopes: string[] | null;
};

const errorTable: Record<string, ErrorCode> = {
  invalid_grant: 'invalid_grant',
  invalid_client: 'invalid_client',
  unauthorized_client: 'configuration_invalid',
  unsupported_grant_type: 'configuration_invalid',
  invalid_scope: 'invalid_scope',
  invalid_target: 'invalid_target',
};

/** @throws AppError: the OAuth code where the server sent one that we know, `configuration_invalid` for others that only an operator can mend, else `invalid_response` */
export function validateTokenResponse({ status, contentType, text }: RawTokenResponse): TokenResult {
  const body = readJson(contentType, text);
  if (status !== 200) throw validateTokenError(status, body);
  if (body === null) throw rejection('token_response_not_json');
  return {
    accessToken: readAccessToken(body),
    lifetimeSec: readLifetime(body.expires_in),
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

function validateTokenError(status: number, body: Record<string, unknown> | null): AppError {
  const error = isNonEmptyString(body?.error) ? body.error : '';
  const known = Object.hasOwn(errorTable, error) ? errorTable[error] : undefined;
  if (known !== undefined) return new AppError(known, { reason: `token_${error}` });
  if (status === 401) return new AppError('invalid_client', { reason: 'token_invalid_client' });
  return rejection(`token_status_${status}`);
}

function readAccessToken(body: Record<string, unknown>): string {
  if (!isNonEmptyString(body.token_type) || body.token_type.toLowerCase() !== 'bearer')
    throw rejection('token_type');
  const token = body.access_token;
  // RFC 6750 §2.1: b64token; some servers use other visible characters, none may end the header.
  if (typeof token !== 'string' || token.length > maxTokenChars || !/^[\x21-\x7e]+$/.test(token))
    throw rejection('access_token');
  return token;
}

function readOptionalToken(value: unknown, name: string, maxChars = maxTokenChars): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > maxChars || !/^[\x20-\x7e]+$/.test(value))
    throw rejection(name);
  return value;
}

/** Seconds; a digit string counts, anything that is no positive number counts as unsaid, and nothing lives for ever. */
export function readLifetime(value: unknown): number {
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 1) return assumedLifetimeSec;
  return Math.min(Math.floor(seconds), maxLifetimeSec);
}

/** Seconds, or null when nothing usable is said; Keycloak says 0 for a token without an end. */
function readRefreshLifetime(value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 1 && seconds <= 1e10 ? Math.floor(seconds) : null;
}

/** Seconds since the epoch, or null when the answer does not say. */
export function endOfRefreshToken(
  { refreshLifetimeSec }: Pick<TokenResult, 'refreshLifetimeSec'>,
  askedAtSec: number,
): number | null {
  return refreshLifetimeSec === null ? null : askedAtSec + refreshLifetimeSec;
}

function readScopes(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > 4_000) throw rejection('scope');
  return [...new Set(value.split(' ').filter((scope) => scope !== ''))];
}

function rejection(reason: string): AppError {
  return new AppError('invalid_response', { reason });
}
