/**
 * The one way from a result of the gateway to its HTTP response: headers of ours alone, nothing to run, and
 * nothing for a shared cache.
 */
import 'server-only';
import { STATUS_CODES } from 'node:http';
import { logCall } from '../../api/log-call';
import { findAppError } from '../../base/errors';
import { logFailure, logWarning } from '../../base/log';
import { newReference } from '../../base/reference';
import { privateCacheControl } from '../../base/security-headers';
import { describeProblem, type Problem } from './problem';
import type { UpstreamResult } from './upstream-response';
import { isImageType } from './upstreams';

/** Pages have a policy of their own; what is sent here is no page. */
const commonHeaders = {
  'cache-control': privateCacheControl,
  vary: 'Cookie',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
};

/** A script gets the code, its user the reference, and only the log the reason. @see RFC 9457 */
export function respondWithProblem({ allow, retryAfterSec, reason, call, ...problem }: Problem): Response {
  const reference = newReference();
  const { code, status } = problem;
  const fields = { reference, code, reason, status };
  if (call !== undefined && reason !== 'caller_gone') {
    const { cause, ...asked } = call;
    logCall('gateway_request_failed', { ...fields, ...asked }, cause);
  } else if (reason !== 'caller_gone') logWarning('gateway_request_failed', fields);
  // With `about:blank` the title is the phrase of the status. RFC 9457 §4.2.1
  const body = { type: 'about:blank', title: STATUS_CODES[status], ...problem, reference };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...commonHeaders,
      'content-type': 'application/problem+json; charset=utf-8',
      ...(allow === undefined ? {} : { allow: allow.join(', ') }),
      ...(retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) }),
    },
  });
}

/** An error that was not expected is a problem like any other to a script, and an error in the log. */
export function respondWithError(error: unknown): Response {
  const known = findAppError(error);
  logFailure('gateway_request_error', error);
  if (known?.code === 'store_unavailable')
    return respondWithProblem(describeProblem('temporarily_unavailable', { reason: known.reason }));
  return respondWithProblem(describeProblem('internal_error'));
}

type BodyResult = Extract<UpstreamResult, { kind: 'body' }>;

export function respondWithBody({ status, mediaType, etag, body }: BodyResult): Response {
  return new Response(body, { status, headers: { ...commonHeaders, ...describeBody(mediaType, etag) } });
}

function describeBody(mediaType: BodyResult['mediaType'], etag: string | null): Record<string, string> {
  // Browsers keep an image and ask each time whether it is still the same. RFC 9111 §5.2.2.4
  const kept = { 'cache-control': 'private, no-cache', etag: etag ?? '' };
  if (mediaType === null) return etag === null ? {} : kept;
  if (isImageType(mediaType)) return { 'content-type': mediaType, ...(etag === null ? {} : kept) };
  const described = { 'content-type': `${mediaType}; charset=utf-8` };
  if (mediaType !== 'text/event-stream') return described;
  // Compression, and nginx in front, would hold events back.
  return { ...described, 'cache-control': `${privateCacheControl}, no-transform`, 'x-accel-buffering': 'no' };
}
