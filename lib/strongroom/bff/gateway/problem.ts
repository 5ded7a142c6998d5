/**
 * What a script is told when there is no good answer: a stable code with its status and a sentence, never words of the API. Pure.
 * Codes are listed in docs/troubleshooting.md. @see RFC 9457
 */
import type { ApiResult, FieldProblem } from '../../api/api-result';

const table = {
  invalid_request: [400, 'The address or the request is not written as it must be.'],
  login_required: [401, 'Nobody is signed in.'],
  session_ended: [401, 'The session has ended. Sign in again.'],
  insufficient_user_authentication: [401, 'This needs a fresh or a stronger sign-in.'],
  cross_site_request: [403, 'Only pages of this application may ask here.'],
  access_denied: [403, 'The API does not allow this.'],
  insufficient_scope: [403, 'This needs one more permission.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This address does not know that method.'],
  conflict: [409, 'This collides with what is there.'],
  body_too_large: [413, 'The request is too large.'],
  unsupported_media_type: [415, 'Send JSON.'],
  invalid_content: [422, 'What was sent is not valid.'],
  rate_limited: [429, 'There were too many requests. Wait before the next one.'],
  internal_error: [500, 'Something went wrong here.'],
  invalid_response: [502, 'The answer of the API cannot be passed on.'],
  api_unavailable: [502, 'The API is not answering.'],
  temporarily_unavailable: [503, 'This cannot be answered now. Try again.'],
  api_timeout: [504, 'The API took too long.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

export type ProblemCode = keyof typeof table;

export type Problem = {
  code: ProblemCode;
  status: number;
  detail: string;
  /** Why, in one short word for the log alone. */
  reason: string;
  /** A permission that its person may be asked for. */
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

export type Failure =
  | Exclude<ApiResult<unknown>, { kind: 'ok' | 'invalid_token' }>
  | { kind: 'ended'; reason: string };

export function problemOfAnswer(answer: Failure): Problem {
  switch (answer.kind) {
    case 'ended':
      return describeProblem('session_ended');
    case 'insufficient_scope':
      return describeProblem('insufficient_scope', { scope: answer.permission });
    case 'insufficient_user_authentication':
      return describeProblem('insufficient_user_authentication');
    case 'denied':
      return describeProblem('access_denied');
    case 'not_found':
      return describeProblem('not_found', { reason: 'api_not_found' });
    case 'invalid':
      return describeProblem('invalid_content', { errors: answer.problems });
    case 'rate_limited':
      return describeProblem(
        'rate_limited',
        answer.retryAfterSec === null ? {} : { retryAfterSec: answer.retryAfterSec },
      );
    case 'unavailable':
      return describeProblem(codeOfReason[answer.reason] ?? 'api_unavailable', { reason: answer.reason });
  }
}

const codeOfReason: Readonly<Record<string, ProblemCode>> = {
  token_expired: 'temporarily_unavailable',
  refresh_delayed: 'temporarily_unavailable',
  body_not_repeatable: 'temporarily_unavailable',
  too_many_calls: 'temporarily_unavailable',
  request_too_large: 'body_too_large',
  request_cut: 'invalid_request',
  caller_gone: 'invalid_request',
  timeout: 'api_timeout',
  redirect: 'invalid_response',
  body_too_large: 'invalid_response',
  media_type: 'invalid_response',
  content_encoding: 'invalid_response',
  address_rejected: 'api_unavailable',
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
