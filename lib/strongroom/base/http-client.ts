/**
 * The one HTTP client of the server: for pages, the gateway and the authorization server alike. Every request
 * is bounded in time and size, redirects are reported and never followed, there are no cookies, and no header
 * is sent that its caller did not name.
 */
import 'server-only';
import type { Readable } from 'node:stream';
import { unpackBytes } from './bounded-body';
import {
  boundChunks,
  type Explain,
  exchange,
  HttpError,
  type HttpLimits,
  type HttpRequest,
} from './http-exchange';

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
