/**
 * The one error class of the application: a stable code with its status, and what only the log may see. Where
 * OAuth has a code for the situation, ours is the same. Code decides by the code and the predicates, never by
 * the reason, which is a word for the log.
 */
import type { Reasons } from './error-reasons';

export type ErrorCode =
  | 'access_denied'
  | 'login_required'
  | 'interaction_required'
  | 'unmet_authentication_requirements'
  | 'another_account'
  | 'role_required'
  | 'invalid_grant'
  | 'invalid_client'
  | 'invalid_scope'
  | 'invalid_target'
  | 'temporarily_unavailable'
  | 'server_error'
  | 'transaction_expired'
  | 'transaction_consumed'
  | 'invalid_response'
  | 'cross_site_request'
  | 'rate_limited'
  | 'configuration_invalid'
  | 'store_unavailable'
  | 'internal_error';

/** The reasons that an error with this code may have. */
export type ReasonOf<Code extends ErrorCode> = Reasons[Code];

/**
 * What the authorization server said about its refusal: for the log alone, cleaned and cut. @see RFC 6749
 * §4.1.2.1
 */
export type ErrorResponse = { error: string; description: string | null };

type Details<Code extends ErrorCode> = {
  /** Why, in a word for the log. Left out: the code says it all. */
  reason?: ReasonOf<Code>;
  cause?: unknown;
  /** When another try makes sense, in seconds from now, if the server said so. */
  retryAfterSec?: number | undefined;
  errorResponse?: ErrorResponse;
  isUnverifiable?: boolean;
  isConnectionLost?: boolean;
  isUnexplainedRejection?: boolean;
};

const statusOf: Record<ErrorCode, number> = {
  access_denied: 403,
  login_required: 403,
  interaction_required: 403,
  unmet_authentication_requirements: 403,
  another_account: 403,
  role_required: 403,
  invalid_grant: 400,
  invalid_client: 500,
  invalid_scope: 500,
  invalid_target: 500,
  temporarily_unavailable: 503,
  server_error: 503,
  transaction_expired: 400,
  transaction_consumed: 400,
  invalid_response: 502,
  cross_site_request: 403,
  rate_limited: 429,
  configuration_invalid: 500,
  store_unavailable: 503,
  internal_error: 500,
};

export const errorCodes = Object.keys(statusOf) as ErrorCode[];

export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly code: Code;
  readonly status: number;
  readonly reason: ReasonOf<Code> | Code;
  readonly retryAfterSec: number | null;
  readonly errorResponse: ErrorResponse | null;
  /**
   * A token whose key cannot be had now, or whose times do not fit our clock; nothing else is wrong with it.
   */
  readonly isUnverifiable: boolean;
  /** The connection broke after the request may have been sent: the response is unknown. */
  readonly isConnectionLost: boolean;
  /** The server rejects the request and names no mistake of an operator: the grant may be over. */
  readonly isUnexplainedRejection: boolean;

  constructor(code: Code, details: Details<Code> = {}) {
    const { reason, cause, retryAfterSec, errorResponse } = details;
    super(reason ? `${code}: ${reason}` : code, { cause });
    this.code = code;
    this.status = statusOf[code];
    this.reason = reason ?? code;
    this.retryAfterSec = retryAfterSec ?? null;
    this.errorResponse = errorResponse ?? null;
    this.isUnverifiable = details.isUnverifiable ?? false;
    this.isConnectionLost = details.isConnectionLost ?? false;
    this.isUnexplainedRejection = details.isUnexplainedRejection ?? false;
  }

  /** The same error, of a token with which nothing else is wrong. */
  static unverifiable(error: AppError): AppError {
    const { code, reason, retryAfterSec, errorResponse, isConnectionLost } = error;
    const details = { reason, cause: error, retryAfterSec: retryAfterSec ?? undefined, isConnectionLost };
    return new AppError(code, { ...details, ...(errorResponse && { errorResponse }), isUnverifiable: true });
  }

  /** The AppError in an error's chain of causes, else `internal_error` with the error as its cause. */
  static from(error: unknown): AppError {
    return findAppError(error) ?? new AppError('internal_error', { cause: error });
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(statusOf, value);
}

export function statusOfError(code: ErrorCode): number {
  return statusOf[code];
}

/**
 * Recognised by its fields, not by its class: guard and pages are separate bundles with a class each, and
 * share errors through the process.
 */
function isAppError(value: Error): value is AppError {
  return value.name === 'AppError' && 'code' in value && isErrorCode(value.code) && 'reason' in value;
}

/** The AppError inside an error's chain of causes, at most eight links deep, or null. */
export function findAppError(error: unknown): AppError | null {
  let link: unknown = error;
  for (let depth = 0; depth < 8 && link instanceof Error; depth += 1) {
    if (isAppError(link)) return link;
    // next-auth wraps the real cause as `{ cause: { err } }`.
    const cause: unknown = link.cause;
    link = isRecordWithErr(cause) ? cause.err : cause;
  }
  return null;
}

function isRecordWithErr(value: unknown): value is { err: unknown } {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'err' in value;
}
