/**
 * A request whose bodies pass through without being kept: bounded in time and size both ways, redirects reported instead of followed, no
 * header that the caller did not name, and no proxy of the environment. Beside lib/strongroom/base/bounded-fetch.ts, which holds the whole body.
 */
import 'server-only';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { createGuardedLookup, isRejectedAddress } from './guarded-lookup';
import { processSingleton } from './process-singleton';

export type StreamLimits = {
  /** Whole time, up to the last byte of the answer. */
  timeoutMs: number;
  /** Of the answer's body. */
  maxBytes: number;
};

export type StreamedRequest = {
  method: string;
  headers: Headers;
  /** Text and bytes are sent with their length; a stream in chunks. */
  body: string | Uint8Array | ReadableStream<Uint8Array> | null;
  /** Ends the exchange from the outside, such as when the browser is gone. */
  signal: AbortSignal;
};

export type StreamFailure =
  | 'timeout'
  | 'network'
  | 'redirect'
  | 'body_too_large'
  | 'request_cut'
  | 'address_rejected'
  | 'caller_gone';

/** An exchange without a usable answer. The address is not part of it: addresses can hold secrets. */
export class StreamedRequestError extends Error {
  override readonly name = 'StreamedRequestError';
  readonly failure: StreamFailure;

  constructor(failure: StreamFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/**
 * @returns the answer as soon as its headers are there. Its body ends with an error when it is cut, too long or too slow, so that it
 *   never looks complete; cancelling it ends the exchange
 * @throws StreamedRequestError
 */
export async function requestStreamed(
  url: URL,
  request: StreamedRequest,
  limits: StreamLimits,
): Promise<Response> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    return toResponse(await exchange(url, { ...request, signal }), limits.maxBytes);
  } catch (error) {
    if (error instanceof StreamedRequestError) throw error;
    if (timeout.aborted) throw new StreamedRequestError('timeout', error);
    if (request.signal.aborted) throw new StreamedRequestError('caller_gone', error);
    throw new StreamedRequestError(isRejectedAddress(error) ? 'address_rejected' : 'network', error);
  }
}

function exchange(url: URL, { method, headers, body, signal }: StreamedRequest): Promise<IncomingMessage> {
  const { http, https, lookup } = transportOnce();
  const sent = Object.fromEntries(headers);
  const options: RequestOptions = { method, headers: sent, signal, lookup };
  if (body instanceof ReadableStream) sent['transfer-encoding'] = 'chunked';
  else if (body !== null) sent['content-length'] = String(Buffer.byteLength(body));
  const outgoing =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: https })
      : httpRequest(url, { ...options, agent: http });
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    // Another protocol is nothing that we asked for.
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new StreamedRequestError('network'));
    });
    if (!(body instanceof ReadableStream)) return outgoing.end(body ?? undefined);
    const source = Readable.fromWeb(body as NodeStream);
    source.once('error', (error) => reject(new StreamedRequestError('request_cut', error)));
    // Cut in the middle, it is not finished: the other side must not take it for the whole.
    return pipeline(source, outgoing).catch(reject);
  });
}

function toResponse(answer: IncomingMessage, maxBytes: number): Response {
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) throw giveUp(answer, 'redirect');
  if (status < 200 || status > 599) throw giveUp(answer, 'network');
  if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw giveUp(answer, 'body_too_large');
  const headers = headersOf(answer);
  if (status === 204 || status === 205) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  const counted = countBytes(maxBytes);
  // Its failure is that of the stream, whose reader sees it.
  pipeline(answer, counted).catch(() => {});
  return new Response(Readable.toWeb(counted) as ReadableStream<Uint8Array>, { status, headers });
}

/** Repeated headers are joined, as `fetch` does; a cookie of somebody else is nobody's. */
function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    if (name !== 'set-cookie') for (const value of values) headers.append(name, value);
  return headers;
}

function giveUp(answer: IncomingMessage, failure: StreamFailure): StreamedRequestError {
  answer.destroy();
  return new StreamedRequestError(failure);
}

function countBytes(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) done(new StreamedRequestError('body_too_large'));
      else done(null, chunk);
    },
  });
}

/** Agents of our own: those of Node follow `HTTP_PROXY` when `NODE_USE_ENV_PROXY` is set. */
function transportOnce() {
  return processSingleton('streamed-transport', () => ({
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
    lookup: createGuardedLookup(),
  }));
}
