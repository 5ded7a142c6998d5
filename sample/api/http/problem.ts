/**
 * Problem bodies: every refusal of this API in one shape, and the table of all kinds there are.
 * @see RFC 9457 §3
 */

const problems = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  invalid_query: { status: 400, title: 'The query is not valid' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'An access token is needed' },
  invalid_token: { status: 401, title: 'The access token is not accepted' },
  invalid_dpop_proof: { status: 401, title: 'The DPoP proof is not accepted' },
  insufficient_user_authentication: { status: 401, title: 'Another sign-in is needed' },
  insufficient_scope: { status: 403, title: 'The access token lacks a scope' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  too_many_pictures: { status: 409, title: 'There is no room for another picture' },
  body_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  unsupported_media_type: { status: 415, title: 'The body has another type than expected' },
  invalid_body: { status: 422, title: 'The body is not valid' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used with another body' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  authorization_server_unavailable: { status: 503, title: 'Access tokens cannot be checked right now' },
} as const;

export type ProblemCode = keyof typeof problems;
export type FieldError = { field: string; message: string };

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldError[];
};

export const problemContentType = 'application/problem+json; charset=utf-8';

/** Builds the body of a refusal. `type` identifies the kind and stays stable; it is a name, not an address (RFC 4151). */
export function buildProblem(code: ProblemCode, detail?: string, errors?: FieldError[]): Problem {
  const { status, title } = problems[code];
  return { type: `tag:strongroom.test,2025:${code}`, title, status, detail, errors };
}

export function statusOf(code: ProblemCode): number {
  return problems[code].status;
}
