/** The body of a proxied request: a short one is held so that it can be sent again, a long one passes through once. */
import 'server-only';

export type RequestBody =
  | { kind: 'none' }
  | { kind: 'held'; bytes: Uint8Array }
  /** Ends with an error beyond its limit, so that what was sent does not look complete. */
  | { kind: 'passing'; stream: ReadableStream<Uint8Array> }
  | { kind: 'too_large' };

/** As much as any route of the table takes: a browser that sends slowly holds up nobody who waits for the API. */
const heldBytes = 64_000;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

export async function takeBody(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<RequestBody> {
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
