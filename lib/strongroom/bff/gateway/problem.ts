/**
 * What a script is told when there is no good response: a stable code with its status and a sentence, never
 * words of the API. Pure. Codes are listed in docs/troubleshooting.md.
 * @see RFC 9457
 */
import type { ApiResult, FieldProblem } from '../../api/api-result';

const table = {
  invalid_request: [400, 'The request or its address is malformed.'],
  login_required: [401, 'There is no session. Sign in.'],
  insufficient_user_authentication: [401, 'This needs a fresh or a stronger sign-in.'],
  cross_site_request: [403, 'Only pages of this application may ask here.'],
  access_denied: [403, 'The API does not allow this.'],
  insufficient_scope: [403, 'This needs one more permission.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This address does not support the method.'],
  conflict: [409, 'This collides with what is there.'],
  body_too_large: [413, 'The request is too large.'],
  unsupported_media_type: [415, 'This address does not take that type of content.'],
  invalid_content: [422, 'What was sent is not valid.'],
  rate_limited: [429, 'There were too many requests. Wait before the next one.'],
  internal_error: [500, 'Something went wrong here.'],
  invalid_response: [502, 'The response of the API cannot be passed on.'],
  temporarily_unavailable: [503, 'This is not available now. Try again.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

export type ProblemCode = keyof typeof table;

export type Problem = {
  code: ProblemCode;
  status: number;
  detail: string;
  /** Why, in one short word for the log alone. */
  reason: string;
  /** The call to the API that failed, for the log alone. */
  call?: { method: string; resource: string; cause?: unknown };
  /** A scope that the user may be asked for. */
  scope?: string;
  /** What is wrong with what was sent, field by field. */
  errors?: FieldProblem[];
  retryAfterSec?: number;
  allow?: readonly string[];
};

export function describeProblem(code: ProblemCode, more: Partial<Problem> = {}): Problem {
  const [status, detail] = table[code];
  return { code, status, detail, reason: code, ...more };
}

export type FailedResult =
  | Exclude<ApiResult<unknown>, { kind: 'ok' | 'invalid_token' | 'dpop_required' }>
  | { kind: 'login_required'; reason: string | undefined };

export function problemOfResult(result: FailedResult): Problem {
  switch (result.kind) {
    case 'login_required':
      return describeProblem('login_required', { reason: result.reason });
    case 'insufficient_scope':
      return describeProblem('insufficient_scope', { scope: result.scope });
    case 'not_found':
      return describeProblem('not_found', { reason: 'api_not_found' });
    case 'invalid':
      return describeProblem('invalid_content', { errors: result.problems });
    case 'rate_limited':
      return describeProblem(
        'rate_limited',
        result.retryAfterSec === null ? {} : { retryAfterSec: result.retryAfterSec },
      );
    case 'unavailable':
      return describeProblem(codeOfReason[result.reason] ?? 'temporarily_unavailable', {
        reason: result.reason,
        ...(result.retryAfterSec === undefined ? {} : { retryAfterSec: result.retryAfterSec }),
      });
    default:
      return describeProblem(result.kind);
  }
}

/** The reasons for which trying again does not help, each with its code. */
const codeOfReason: Readonly<Record<string, ProblemCode>> = {
  request_too_large: 'body_too_large',
  request_cut: 'invalid_request',
  caller_gone: 'invalid_request',
  redirect: 'invalid_response',
  body_too_large: 'invalid_response',
  media_type: 'invalid_response',
  content_encoding: 'invalid_response',
  internal_error: 'internal_error',
};

const codeOfStatus = {
  400: 'invalid_request',
  409: 'conflict',
  413: 'body_too_large',
  422: 'invalid_content',
} as const satisfies Record<number, ProblemCode>;

/** The API understood the request and rejected it: its status stays, and what it says of each field. */
export function problemOfRejection(status: keyof typeof codeOfStatus, errors: FieldProblem[]): Problem {
  return describeProblem(codeOfStatus[status], { reason: `api_status_${status}`, errors });
}
