/**
 * Every request to the authorization server goes through here: https only (http on loopback and at the inner
 * address that the operator named), no redirects followed, bounded in time and size, failures told by our
 * codes.
 * @see RFC 9700 §4.12 (redirects with credentials)
 */
import 'server-only';
import { AppError, type ReasonOf } from '../base/errors';
import { fetchBounded } from '../base/http-client';
import { HttpError, type HttpLimits } from '../base/http-exchange';
import { readRetryAfter } from '../base/retry-after';
import { inSpan, type Step } from '../base/span';
import { getConfig } from '../config/config';
import { isSafeAddress } from '../config/web-address';

export const defaultLimits: HttpLimits = { timeoutMs: 10_000, maxBytes: 1_000_000 };

/**
 * @returns the response with its body in memory, for every status below 300 and from 400 to 499
 * @throws AppError `temporarily_unavailable` (no response, 408, 429, 5xx) or `invalid_response` (redirect,
 *   too large, unsafe address)
 */
export async function fetchFromAuthorizationServer(
  input: string | URL | Request,
  init: RequestInit = {},
  limits: HttpLimits = defaultLimits,
): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isSafeAddress(url) && !isInternal(url))
    throw new AppError('invalid_response', { reason: 'unsafe_address' });
  return inSpan(stepOf(url, init), async (note) => {
    const response = await fetchBounded(input, init, limits).catch((error: unknown) => {
      throw error instanceof HttpError ? explainFailure(error) : error;
    });
    note({ 'http.response.status_code': response.status });
    validateStatus(response);
    return response;
  });
}

/** It is another party's: it is not told of our trace. */
function stepOf({ host }: URL, { method = 'GET' }: RequestInit): Step {
  const attributes = { 'http.request.method': method, 'server.address': host };
  return { name: `authorization server ${method}`, isRequest: true, attributes };
}

/** The operator named this address, so http is allowed there. */
function isInternal(url: URL): boolean {
  const { issuerInternalUrl } = getConfig();
  return issuerInternalUrl !== null && url.origin === new URL(issuerInternalUrl).origin;
}

function explainFailure(cause: HttpError): AppError {
  const { failure } = cause;
  if (failure === 'redirect' || failure === 'body_too_large')
    return new AppError('invalid_response', { reason: failure, cause });
  const isConnectionLost = failure === 'network';
  return new AppError('temporarily_unavailable', { reason: failure, cause, isConnectionLost });
}

const reasonOfStatus: Readonly<Record<number, ReasonOf<'temporarily_unavailable'>>> = {
  408: 'status_408',
  429: 'status_429',
  500: 'status_500',
  502: 'status_502',
  503: 'status_503',
  504: 'status_504',
};

function validateStatus({ status, headers }: Response): void {
  if (status < 500 && status !== 429 && status !== 408) return;
  const retryAfterSec = readRetryAfter(headers.get('retry-after'));
  const reason = reasonOfStatus[status] ?? 'status_5xx';
  throw new AppError('temporarily_unavailable', { reason, retryAfterSec });
}
