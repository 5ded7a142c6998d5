/**
 * What a script is told when there is no good answer: a stable code with its status and a sentence, never words of the API. Pure.
 * Codes are listed in docs/troubleshooting.md. @see RFC 9457
 */
import type { ApiAnswer, FieldProblem } from '../answer';

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
  slow_down: [429, 'There were too many requests. Wait before the next one.'],
  unexpected: [500, 'Something went wrong here.'],
  api_answer_refused: [502, 'The answer of the API cannot be passed on.'],
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

export type Failure = Exclude<ApiAnswer<unknown>, { kind: 'ok' | 'token_refused' }> | { kind: 'ended' };

export function problemOfAnswer(answer: Failure): Problem {
  switch (answer.kind) {
    case 'ended':
      return describeProblem('session_ended');
    case 'permission_needed':
      return describeProblem('insufficient_scope', { scope: answer.permission });
    case 'stronger_sign_in_needed':
      return describeProblem('insufficient_user_authentication');
    case 'denied':
      return describeProblem('access_denied');
    case 'not_found':
      return describeProblem('not_found', { reason: 'api_not_found' });
    case 'invalid':
      return describeProblem('invalid_content', { errors: answer.problems });
    case 'slow_down':
      return describeProblem(
        'slow_down',
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
  redirect: 'api_answer_refused',
  body_too_large: 'api_answer_refused',
  media_type: 'api_answer_refused',
  content_encoding: 'api_answer_refused',
  address_refused: 'api_unavailable',
  unexpected: 'unexpected',
};

const codeOfStatus = {
  400: 'invalid_request',
  409: 'conflict',
  413: 'body_too_large',
  422: 'invalid_content',
} as const satisfies Record<number, ProblemCode>;

/** The API understood the request and refused it: its status stays, and what it says of each field. */
export function problemOfRefusal(status: keyof typeof codeOfStatus, errors: FieldProblem[]): Problem {
  return describeProblem(codeOfStatus[status], { reason: `api_status_${status}`, errors });
}
