/**
 * Every request to the authorization server goes through here: https only (http on loopback), no redirects followed, bounded in time and
 * size. next-auth gets the same function, so that nothing it does is less careful.
 * @see RFC 9700 §4.12 (redirects with credentials)
 */
import 'server-only';
import { AppError, type ErrorCode } from '../base/errors';
import { fetchBounded, HttpError, type HttpFailure, type HttpLimits } from '../base/http-client';
import { readRetryAfter } from '../base/retry-after';
import { isSafeAddress } from '../config/web-address';

export const defaultLimits: HttpLimits = { timeoutMs: 10_000, maxBytes: 1_000_000 };

const codeOf: Record<HttpFailure, ErrorCode> = {
  timeout: 'temporarily_unavailable',
  network: 'temporarily_unavailable',
  address_rejected: 'temporarily_unavailable',
  caller_gone: 'temporarily_unavailable',
  request_cut: 'temporarily_unavailable',
  redirect: 'invalid_response',
  body_too_large: 'invalid_response',
};

/**
 * @returns the answer with its body in memory, for every status below 300 and from 400 to 499
 * @throws AppError `temporarily_unavailable` (no answer, 408, 429, 5xx) or `invalid_response` (redirect, too large, unsafe address)
 */
export async function fetchFromAuthorizationServer(
  input: string | URL | Request,
  init: RequestInit = {},
  limits: HttpLimits = defaultLimits,
): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isSafeAddress(url)) throw new AppError('invalid_response', { reason: 'unsafe_address' });
  const answer = await fetchBounded(input, init, limits).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new AppError(codeOf[error.failure], { reason: error.failure, cause: error });
  });
  validateStatus(answer);
  return answer;
}

function validateStatus(answer: Response): void {
  if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) return;
  const retryAfterSec = readRetryAfter(answer.headers.get('retry-after'));
  throw new AppError('temporarily_unavailable', { reason: `status_${answer.status}`, retryAfterSec });
}
