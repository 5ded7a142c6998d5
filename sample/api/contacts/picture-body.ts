/** Reads a picture from the body of a request, or rejects it. The bytes are counted while they arrive, announced or not. */
import type { ApiContext } from '../http/api-context.ts';
import { mediaTypeOf } from '../http/json-body.ts';
import { Refusal } from '../http/refusal.ts';
import { beginsAs, isPictureType, maxPictureBytes, type Picture, pictureTypes } from './picture.ts';

export async function readPicture(c: ApiContext): Promise<Picture> {
  const type = mediaTypeOf(c);
  if (!isPictureType(type) || c.req.header('content-encoding') !== undefined)
    throw unsupported(`Send the body as ${pictureTypes.join(', ')}, without an encoding.`);
  // A part must not replace the whole. @see RFC 9110 §14.5
  if (c.req.header('content-range') !== undefined)
    throw new Refusal('invalid_request', { detail: 'Send the whole picture, without Content-Range.' });
  if (Number(c.req.header('content-length') ?? 0) > maxPictureBytes) throw tooLarge();
  const bytes = await readBytes(c.req.raw.body);
  // Checked besides the declared type: the picture is handed out under that type later. @see RFC 9110 §15.5.16
  if (!beginsAs(type, bytes)) throw unsupported(`The body is not ${type}.`);
  return { type, bytes };
}

async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  // Never cancelled: that would cut the connection before the response is sent.
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await reader?.read().catch(refuseCutBody);
    if (!chunk || chunk.done) return Buffer.concat(chunks);
    size += chunk.value.byteLength;
    if (size > maxPictureBytes) throw tooLarge();
    chunks.push(chunk.value);
  }
}

function refuseCutBody(): never {
  throw new Refusal('invalid_request', { reason: 'body_cut' });
}

function tooLarge(): Refusal {
  return new Refusal('body_too_large', { detail: `At most ${maxPictureBytes} bytes are read.` });
}

function unsupported(detail: string): Refusal {
  return new Refusal('unsupported_media_type', { detail });
}
