/** Reads what somebody else sends, up to a limit. */
import 'server-only';

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
