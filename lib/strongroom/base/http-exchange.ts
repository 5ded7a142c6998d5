/**
 * One exchange of the HTTP client (http-client.ts, whose part it is): bounded in time, its redirects reported and never
 * followed, and its failures told by our codes.
 */
import 'server-only';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { startDeadline } from './deadline';
import { egressDispatcher } from './egress';
import { isRejectedAddress } from './guarded-lookup';

export type HttpLimits = {
  /** Whole time, up to the last byte of the response. */
  timeoutMs: number;
  /** Of the response's body, after unpacking. */
  maxBytes: number;
  /** Time up to the response's headers, where the whole time is much longer. */
  headersMs?: number;
  /** Longest silence within the response's body. */
  idleMs?: number;
  /**
   * `pass` gives a redirect to the caller instead of reporting it as a failure. It is never followed here.
   */
  redirects?: 'pass';
};

export type HttpRequest = {
  method: string;
  headers: Headers;
  /** Text and bytes are sent with their length; a stream in chunks, unless the headers name its length. */
  body: string | Uint8Array | ReadableStream<Uint8Array> | null;
  /** Ends the exchange from the outside, such as when the browser has left. */
  signal?: AbortSignal;
};

export type HttpFailure =
  | 'timeout'
  | 'network'
  | 'redirect'
  | 'body_too_large'
  | 'address_rejected'
  | 'caller_gone'
  | 'request_cut';

/**
 * An exchange without a usable response. The address is not part of the error, because addresses can hold
 * secrets.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

export type Exchange = {
  status: number;
  headers: Headers;
  /** null: there is none, or none that means anything. */
  body: Readable | null;
  explain: Explain;
};

/**
 * @returns the response as soon as its headers are there
 * @param request with its headers as they are sent
 * @throws HttpError
 */
export async function exchange(
  url: URL,
  request: HttpRequest & { sent: Record<string, string> },
  limits: HttpLimits,
): Promise<Exchange> {
  const deadline = startDeadline(limits.timeoutMs);
  const caller = request.signal;
  const signal = caller === undefined ? deadline.signal : AbortSignal.any([caller, deadline.signal]);
  const explain = (error: unknown) => toHttpError(error, deadline.signal, caller);
  let received: Dispatcher.ResponseData | null = null;
  try {
    received = await egressDispatcher().request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method as Dispatcher.HttpMethod,
      headers: request.sent,
      body: request.body instanceof ReadableStream ? Readable.from(markCut(request.body)) : request.body,
      signal,
      headersTimeout: limits.headersMs ?? 0,
      bodyTimeout: limits.idleMs ?? 0,
    });
    received.body.once('close', deadline.clear);
    return { ...checkResponse(received, request, limits), explain };
  } catch (error) {
    deadline.clear();
    received?.body.on('error', () => {}).destroy();
    throw explain(error);
  }
}

/**
 * A request body that breaks off ends the request with an error, so that the server does not take it for a
 * complete one. The stream stays locked, which tells its owner that it cannot be sent again.
 */
async function* markCut(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } catch (error) {
    throw new HttpError('request_cut', error);
  } finally {
    reader.cancel().catch(() => {});
  }
}

export type Explain = (error: unknown) => HttpError;

function toHttpError(error: unknown, timeout: AbortSignal, caller: AbortSignal | undefined): HttpError {
  if (error instanceof HttpError) return error;
  if (caller?.aborted) return new HttpError('caller_gone', error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (timeout.aborted || /^UND_ERR_\w+_TIMEOUT$/.test(code)) return new HttpError('timeout', error);
  return new HttpError(isRejectedAddress(error) ? 'address_rejected' : 'network', error);
}

function checkResponse(
  { statusCode: status, headers: received, body }: Dispatcher.ResponseData,
  { method, headers: sent }: HttpRequest,
  { maxBytes, redirects }: HttpLimits,
): Omit<Exchange, 'explain'> {
  // A 304 is not a redirect: what the caller already has is still valid. RFC 9110 §15.4.5
  const isNotModified = status === 304 && sent.has('if-none-match');
  if (status >= 300 && status < 400 && !isNotModified && redirects !== 'pass')
    throw new HttpError('redirect');
  if (status < 200 || status > 599) throw new HttpError('network');
  const headers = toHeaders(received);
  body.on('error', () => {});
  if (method === 'HEAD' || isNotModified || status === 204 || status === 205) {
    body.resume();
    return { status, headers, body: null };
  }
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw new HttpError('body_too_large');
  return { status, headers, body };
}

/** Repeated headers are joined, as `fetch` does. Cookies of other servers are of no use here. */
function toHeaders(received: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(received))
    if (name !== 'set-cookie') for (const one of [value].flat()) headers.append(name, one);
  return headers;
}

/** Leaving early ends the exchange. @throws HttpError when there is more than the limit, and what `body` throws */
export async function* boundChunks(body: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new HttpError('body_too_large');
    yield chunk;
  }
}
