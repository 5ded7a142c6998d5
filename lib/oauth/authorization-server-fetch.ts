/**
 * Every request to the authorization server goes through here: https only (http on loopback), no redirects followed, bounded in time and
 * size. next-auth gets the same function, so that nothing it does is less careful.
 * @see RFC 9700 §4.12 (redirects with credentials)
 */
import 'server-only';
import {
  BoundedFetchError,
  type FetchFailure,
  type FetchLimits,
  fetchBounded,
} from '@/lib/base/bounded-fetch';
import { AppError, type ErrorCode } from '@/lib/base/errors';
import { readRetryAfter } from '@/lib/base/retry-after';
import { isSafeAddress } from '@/lib/config/web-address';

export const defaultLimits: FetchLimits = { timeoutMs: 10_000, maxBytes: 1_000_000 };

const codeOf: Record<FetchFailure, ErrorCode> = {
  timeout: 'sign_in_service_down',
  network: 'sign_in_service_down',
  redirect: 'answer_not_believed',
  body_too_large: 'answer_not_believed',
};

/**
 * @returns the answer with its body in memory, for every status below 300 and from 400 to 499
 * @throws AppError `sign_in_service_down` (no answer, 408, 429, 5xx) or `answer_not_believed` (redirect, too large, unsafe address)
 */
export async function fetchFromAuthorizationServer(
  input: string | URL | Request,
  init: RequestInit = {},
  limits: FetchLimits = defaultLimits,
): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isSafeAddress(url)) throw new AppError('answer_not_believed', { reason: 'unsafe_address' });
  const answer = await fetchBounded(input, init, limits).catch((error: unknown) => {
    if (!(error instanceof BoundedFetchError)) throw error;
    throw new AppError(codeOf[error.failure], { reason: error.failure, cause: error });
  });
  judgeStatus(answer);
  return answer;
}

function judgeStatus(answer: Response): void {
  if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) return;
  const retryAfterSec = readRetryAfter(answer.headers.get('retry-after'));
  throw new AppError('sign_in_service_down', { reason: `status_${answer.status}`, retryAfterSec });
}
