/** The one funnel from what came of a proxied request to its HTTP answer: headers of ours alone, nothing to keep, nothing to run. */

import { findAppError } from '../../base/errors';
import { logFailure, logWarning } from '../../base/log';
import { newReference } from '../../base/reference';
import { privateCacheControl } from '../../base/security-headers';
import { describeProblem, type Problem } from './problem';
import type { UpstreamResult } from './upstream-response';

/** The application's pages have a policy of their own; what is answered here is no page. */
const policy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** A script gets the code, its person the reference, and only the log the reason. @see RFC 9457 */
export function answerProblem({ allow, retryAfterSec, reason, ...problem }: Problem): Response {
  const reference = newReference();
  const { code, status } = problem;
  if (reason !== 'caller_gone') logWarning('gateway_request_failed', { reference, code, reason, status });
  const body = { type: 'about:blank', title: phrases[status] ?? 'Error', ...problem, reference };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...commonHeaders(),
      'content-type': 'application/problem+json; charset=utf-8',
      ...(allow === undefined ? {} : { allow: allow.join(', ') }),
      ...(retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) }),
    },
  });
}

/** What nobody foresaw is a problem like any other to a script, and an error in the log. */
export function answerUnexpected(error: unknown): Response {
  const known = findAppError(error);
  logFailure('gateway_request_error', error);
  if (known?.code === 'store_unavailable')
    return answerProblem(describeProblem('temporarily_unavailable', { reason: known.reason }));
  return answerProblem(describeProblem('internal_error'));
}

/** With `about:blank` the title is the phrase of the status. @see RFC 9457 §4.2.1 */
const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The body of the API as it comes; what is no JSON is a file to keep, not something to show. */
export function answerBody({ status, mediaType, body }: Extract<UpstreamResult, { kind: 'body' }>): Response {
  const isJson = /^application\/(?:[\w.-]+\+)?json$/.test(mediaType);
  return new Response(body, {
    status,
    headers: {
      ...commonHeaders(),
      ...(body === null ? {} : { 'content-type': `${mediaType}; charset=utf-8` }),
      ...(body === null || isJson ? {} : { 'content-disposition': 'attachment' }),
    },
  });
}

function commonHeaders(): Record<string, string> {
  return {
    'cache-control': privateCacheControl,
    vary: 'Cookie',
    'x-content-type-options': 'nosniff',
    'content-security-policy': policy,
  };
}
