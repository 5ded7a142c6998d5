/** Reads a body up to a limit. */
import 'server-only';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** @returns the text, or null when it is longer than `maxBytes`: nothing beyond the limit is read */
export async function readBoundedText(request: Request, maxBytes: number): Promise<string | null> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return null;
  const bytes = await readBoundedBytes(request.body, maxBytes);
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}

/** @returns the bytes, or null when there are more than `maxBytes` */
export async function readBoundedBytes(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const unpackers = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const satisfies Record<
  string,
  (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>
>;

/**
 * @param encoding `Content-Encoding`; what is not in the table stays as it is. @see RFC 9110 §8.4.1
 * @returns the bytes, or null when there are more than `maxBytes` after unpacking: nothing beyond the limit
 *   is unpacked
 * @throws Error for bytes that are not packed that way
 */
export async function unpackBytes(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const name = (encoding ?? '').trim().toLowerCase();
  if (bytes.byteLength === 0 || !Object.hasOwn(unpackers, name)) return bytes;
  try {
    return new Uint8Array(
      await unpackers[name as keyof typeof unpackers](bytes, { maxOutputLength: maxBytes }),
    );
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
