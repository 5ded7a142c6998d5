/**
 * The one error class of the application: a stable code with its status, and what only the log may see.
 * Codes are listed in docs/troubleshooting.md; where OAuth has a code for the situation, ours is the same.
 */

export type ErrorCode =
  | 'access_denied'
  | 'login_required'
  | 'interaction_required'
  | 'consent_required'
  | 'unmet_authentication_requirements'
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

type Details = {
  /** Why, in one short snake_case word for the log: never text from outside. */
  reason?: string;
  cause?: unknown;
  /** When another try makes sense, in seconds from now, if somebody said so. */
  retryAfterSec?: number | undefined;
};

const statusOf: Record<ErrorCode, number> = {
  access_denied: 403,
  login_required: 403,
  interaction_required: 403,
  consent_required: 403,
  unmet_authentication_requirements: 403,
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

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSec: number | null;

  constructor(code: ErrorCode, { reason, cause, retryAfterSec }: Details = {}) {
    super(reason ? `${code}: ${reason}` : code, { cause });
    this.code = code;
    this.status = statusOf[code];
    this.reason = reason ?? code;
    this.retryAfterSec = retryAfterSec ?? null;
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

/** By its marks, not by its class: proxy and pages are separate bundles with a class each, and share what failed through the process. */
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
