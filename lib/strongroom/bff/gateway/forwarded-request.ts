/**
 * What goes on to the API of a request: its headers, made anew from a short list, so that no other name can
 * pass, however it is written; and its body, of which a short one is held so that it can be sent again, while
 * a long one passes through once.
 * @see RFC 9110 §7.6.1, RFC 10017 §6.1.3.6
 */
import 'server-only';
import { type GatewayRoute, isImageType } from './upstreams';

/** What browsers send back to validate what they keep. @see RFC 9110 §8.8.3 */
export const etagShape = /^(?:W\/)?"[\x21\x23-\x7e]{0,128}"$/;

type Passed = { shape: RegExp; isFor?: (route: GatewayRoute) => boolean };

/**
 * What may pass, each in its only shape and where it means something. Authorization is set by
 * `api/send-request.ts` alone.
 */
const passed: Readonly<Record<string, Passed>> = {
  'accept-language': { shape: /^[\w\-,;=.* ]{1,200}$/ },
  // A repeated request with the same key counts once.
  'idempotency-key': { shape: /^[\w-]{8,128}$/, isFor: ({ maxRequestBytes = 0 }) => maxRequestBytes > 0 },
  'if-none-match': { shape: etagShape, isFor: ({ accepts }) => accepts.some(isImageType) },
  'last-event-id': { shape: /^[\w.:-]{1,128}$/, isFor: ({ stream }) => stream !== undefined },
};

export function chooseRequestHeaders(headers: Pick<Headers, 'get'>, route: GatewayRoute): Headers {
  const chosen = new Headers({
    accept: [...route.accepts, 'application/problem+json'].join(', '),
    // The body is passed on as it comes: nothing here unpacks it.
    'accept-encoding': 'identity',
  });
  const type = findRequestType(headers, route);
  if (type !== null) chosen.set('content-type', type);
  for (const [name, { shape, isFor }] of Object.entries(passed)) {
    const value = headers.get(name);
    if (value !== null && shape.test(value) && isFor?.(route) !== false) chosen.set(name, value);
  }
  return chosen;
}

/**
 * The media type of the request's body if the route takes it, and nothing that a form could send.
 * @see Fetch §2.2.2
 */
export function findRequestType(
  headers: Pick<Headers, 'get'>,
  { requestTypes = [] }: GatewayRoute,
): string | null {
  const written = (headers.get('content-type') ?? '').trim().toLowerCase();
  const type = written.replace(/^(application\/json)\s*;\s*charset="?utf-8"?$/, '$1');
  return requestTypes.find((known) => known === type) ?? null;
}

export type ForwardedBody =
  | { kind: 'none' }
  | { kind: 'held'; bytes: Uint8Array }
  /** Ends with an error beyond its limit, so that what was sent does not look complete. */
  | { kind: 'passing'; stream: ReadableStream<Uint8Array> }
  | { kind: 'too_large' };

/**
 * While it is held, no call to the API is under way: a browser that sends a message slowly takes no place
 * from others.
 */
const heldBytes = 64_000;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

export async function takeBody(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<ForwardedBody> {
  if (body === null || maxBytes === 0) return { kind: 'none' };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes <= Math.min(heldBytes, maxBytes)) {
    const { done, value } = await reader.read();
    if (done) return { kind: 'held', bytes: new Uint8Array(Buffer.concat(chunks)) };
    bytes += value.byteLength;
    chunks.push(value);
  }
  if (bytes <= maxBytes) return { kind: 'passing', stream: passOn(reader, { chunks, bytes, maxBytes }) };
  await reader.cancel();
  return { kind: 'too_large' };
}

type Begun = { chunks: readonly Uint8Array[]; bytes: number; maxBytes: number };

function passOn(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { chunks, bytes: begun, maxBytes }: Begun,
): ReadableStream<Uint8Array> {
  let bytes = begun;
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      bytes += value.byteLength;
      if (bytes <= maxBytes) return controller.enqueue(value);
      await reader.cancel();
      return controller.error(new BodyTooLargeError());
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
