import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBoundedText, unpackBytes } from './bounded-body';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A request whose body comes in these pieces; `pulled` counts how many were taken. */
function requestOf(pieces: readonly Uint8Array[], headers: Record<string, string> = {}) {
  const seen = { pulled: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const piece = pieces[seen.pulled];
        if (piece === undefined) return controller.close();
        seen.pulled += 1;
        controller.enqueue(piece);
      },
      cancel: () => {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const options = { method: 'POST', body, headers, duplex: 'half' };
  return { seen, request: new Request('https://app.example/', options) };
}

describe('BL-05: the body of a request', () => {
  it('is read as it was sent, up to the limit', async () => {
    const { request } = requestOf([bytesOf('logout'), bytesOf('_token=x')]);
    expect(await readBoundedText(request, 14)).toBe('logout_token=x');
  });

  it('keeps characters whole that are cut between two pieces', async () => {
    const bytes = bytesOf('ž€😀');
    const { request } = requestOf([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(await readBoundedText(request, 100)).toBe('ž€😀');
  });

  it('is empty when there is none', async () => {
    expect(await readBoundedText(new Request('https://app.example/'), 10)).toBe('');
    expect(await readBoundedText(requestOf([]).request, 10)).toBe('');
  });

  it('BL-05: is counted in bytes, and rejected when it has one more than the limit', async () => {
    expect(await readBoundedText(requestOf([bytesOf('žžž')]).request, 6)).toBe('žžž');
    expect(await readBoundedText(requestOf([bytesOf('žžž')]).request, 5)).toBeNull();
  });

  it('BL-05: is not read at all when its length says that it is too large', async () => {
    const { request, seen } = requestOf([bytesOf('x')], { 'content-length': '11' });
    expect(await readBoundedText(request, 10)).toBeNull();
    expect(seen.pulled).toBe(0);
  });

  it.each(['1', '-5', 'many', ''])(
    'BL-05: that lies about its length ("%s") is cut off at the limit',
    async (length) => {
      const { request, seen } = requestOf(Array(1_000).fill(bytesOf('a'.repeat(10))), {
        'content-length': length,
      });
      expect(await readBoundedText(request, 25)).toBeNull();
      expect([seen.pulled, seen.isCancelled]).toEqual([3, true]);
    },
  );
});

describe('unpacking a body', () => {
  const text = Buffer.from('hello '.repeat(100));
  const unpack = async (bytes: Uint8Array, encoding: string | null, maxBytes = 1_000) => {
    const unpacked = await unpackBytes(new Uint8Array(bytes), encoding, maxBytes);
    return unpacked === null ? null : Buffer.from(unpacked).toString();
  };

  it.each([
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', text],
    [null, text],
  ])('TK-16: %s is unpacked', async (encoding, packed) => {
    expect(await unpack(packed, encoding)).toBe(text.toString());
  });

  it('TK-08: a body that is too large when unpacked is not unpacked to its end', async () => {
    expect(await unpack(gzipSync(text), 'gzip', 600)).toBe(text.toString());
    expect(await unpack(gzipSync(text), 'gzip', 599)).toBeNull();
  });

  it('RC-08: a body that is not packed as its header says is an error, and an empty body is empty', async () => {
    await expect(unpack(text, 'gzip')).rejects.toThrow();
    expect(await unpack(Buffer.alloc(0), 'gzip')).toBe('');
    expect(await unpack(text, 'constructor')).toBe(text.toString());
  });
});
