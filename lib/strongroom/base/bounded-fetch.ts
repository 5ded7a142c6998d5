/** `fetch` with an end: bounded in time and size, redirects reported instead of followed, the whole body in memory. */
import 'server-only';
import { readBoundedBytes } from './bounded-body';

export type FetchLimits = {
  /** Whole time for headers and body. */
  timeoutMs: number;
  maxBytes: number;
};

export type FetchFailure = 'timeout' | 'network' | 'redirect' | 'body_too_large';

/** A request that got no usable answer. The address is not part of it: addresses can hold secrets. */
export class BoundedFetchError extends Error {
  override readonly name = 'BoundedFetchError';
  readonly failure: FetchFailure;

  constructor(failure: FetchFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/**
 * @returns the answer, with any status below 300 or from 400
 * @throws BoundedFetchError
 */
export async function fetchBounded(
  input: string | URL | Request,
  init: RequestInit,
  limits: FetchLimits,
): Promise<Response> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  try {
    const response = await fetch(input, { ...init, redirect: 'manual', cache: 'no-store', signal });
    if (response.status >= 300 && response.status < 400) throw new BoundedFetchError('redirect');
    const body = await readBoundedBytes(response.body, limits.maxBytes);
    if (body === null) throw new BoundedFetchError('body_too_large');
    return new Response(body.byteLength === 0 ? null : body, {
      status: response.status,
      headers: plainHeaders(response.headers),
    });
  } catch (error) {
    if (error instanceof BoundedFetchError) throw error;
    throw new BoundedFetchError(timeout.aborted ? 'timeout' : 'network', error);
  }
}

/** The body is already decoded and measured: headers that describe its transfer no longer apply. */
function plainHeaders(headers: Headers): Headers {
  const plain = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'set-cookie'])
    plain.delete(name);
  return plain;
}
