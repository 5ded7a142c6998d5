/**
 * The one HTTP client of the server: for pages, the gateway and the authorization server alike. Every request
 * is bounded in time and size, redirects are reported and never followed, there are no cookies, and no header
 * is sent that its caller did not name.
 */
import 'server-only';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { unpackBytes } from './bounded-body';
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

/**
 * `fetch` as libraries call it, bounded in time and size.
 * @returns the response with its whole body in memory, with any status below 300 or from 400
 * @throws HttpError
 */
export async function fetchBounded(
  input: string | URL | Request,
  init: RequestInit,
  limits: HttpLimits,
): Promise<Response> {
  const request = new Request(input, init);
  const { method, headers, signal } = request;
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  return sendWhole(new URL(request.url), { method, headers, body, signal }, limits);
}

/**
 * Sends a request and reads the whole response, unpacked.
 * @throws HttpError
 */
export async function sendWhole(url: URL, request: HttpRequest, limits: HttpLimits): Promise<Response> {
  const { status, headers, bytes } = await receiveWhole(url, request, limits);
  return new Response(bytes.byteLength === 0 ? null : bytes, { status, headers });
}

/** A response of which only the text is read: a body of the platform's would pass it through a stream first. */
class TextResponse extends Response {
  readonly #bytes: Uint8Array;

  constructor({ status, headers, bytes }: WholeResponse) {
    super(null, { status, headers });
    this.#bytes = bytes;
  }

  /** Without a mark of its byte order, as the platform reads it. */
  override async text(): Promise<string> {
    return new TextDecoder().decode(this.#bytes);
  }
}

/** Like `sendWhole`, for callers that read the body with `text()` and in no other way. @throws HttpError */
export async function sendForText(url: URL, request: HttpRequest, limits: HttpLimits): Promise<Response> {
  return new TextResponse(await receiveWhole(url, request, limits));
}

type WholeResponse = { status: number; headers: Headers; bytes: Uint8Array<ArrayBuffer> };

/** These headers describe the transfer, and the body is unpacked by now. */
const transferHeaders = ['content-encoding', 'content-length', 'transfer-encoding'];

async function receiveWhole(url: URL, request: HttpRequest, limits: HttpLimits): Promise<WholeResponse> {
  const { maxBytes } = limits;
  const unpacked = { ...Object.fromEntries(request.headers), 'accept-encoding': 'gzip, br' };
  const { status, headers, body, explain } = await exchange(url, { ...request, sent: unpacked }, limits);
  const packed = body === null ? new Uint8Array() : await readWhole(body, maxBytes, explain);
  const bytes = await unpackBytes(packed, headers.get('content-encoding'), maxBytes).catch((error) => {
    throw new HttpError('network', error);
  });
  if (bytes === null) throw new HttpError('body_too_large');
  for (const name of transferHeaders) headers.delete(name);
  return { status, headers, bytes };
}

async function readWhole(
  body: Readable,
  maxBytes: number,
  explain: Explain,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of boundChunks(body, maxBytes)) chunks.push(chunk);
  } catch (error) {
    throw explain(error);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array<ArrayBuffer>) : new Uint8Array(Buffer.concat(chunks));
}

/**
 * Sends a request whose bodies pass through without being kept or unpacked.
 * @returns the response as soon as its headers are there. Its body ends with an HttpError when it is cut, too
 *   long or too slow, so that it never looks complete; cancelling it ends the exchange
 * @throws HttpError
 */
export async function sendStreamed(url: URL, request: HttpRequest, limits: HttpLimits): Promise<Response> {
  const sent = Object.fromEntries(request.headers);
  const { status, headers, body, explain } = await exchange(url, { ...request, sent }, limits);
  const stream = body === null ? null : boundBody(body, limits.maxBytes, explain);
  return new Response(stream, { status, headers });
}

type Exchange = {
  status: number;
  headers: Headers;
  /** null: there is none, or none that means anything. */
  body: Readable | null;
  explain: Explain;
};

/** @param request with its headers as they are sent */
async function exchange(
  url: URL,
  request: HttpRequest & { sent: Record<string, string> },
  limits: HttpLimits,
): Promise<Exchange> {
  const timeout = AbortSignal.timeout(Math.ceil(limits.timeoutMs));
  const caller = request.signal;
  const signal = caller === undefined ? timeout : AbortSignal.any([caller, timeout]);
  const explain = (error: unknown) => toHttpError(error, timeout, caller);
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
    return { ...checkResponse(received, request, limits), explain };
  } catch (error) {
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

type Explain = (error: unknown) => HttpError;

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
async function* boundChunks(body: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new HttpError('body_too_large');
    yield chunk;
  }
}

function boundBody(body: Readable, maxBytes: number, explain: Explain): ReadableStream<Uint8Array> {
  const chunks = boundChunks(body, maxBytes);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await chunks.next();
          if (done) return controller.close();
          controller.enqueue(value);
        } catch (error) {
          body.destroy();
          controller.error(explain(error));
        }
      },
      cancel: () => {
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
