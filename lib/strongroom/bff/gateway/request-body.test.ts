import { describe, expect, it } from 'vitest';
import { BodyTooLargeError, takeBody } from './request-body';

function streamOf(...sizes: number[]) {
  const seen = { taken: 0, isCancelled: false };
  const left = [...sizes];
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const size = left.shift();
        if (size === undefined) return controller.close();
        seen.taken += 1;
        return controller.enqueue(Buffer.alloc(size, 'a'));
      },
      cancel: () => {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

describe('the body of a proxied request', () => {
  it('PX-09: a short one is held, to be sent again', async () => {
    const body = await takeBody(streamOf(1, 2, 3).stream, 64_000);
    expect(body).toMatchObject({ kind: 'held' });
    expect(body.kind === 'held' && body.bytes.byteLength).toBe(6);
    expect((await takeBody(streamOf(60_000, 4_000).stream, 64_000)).kind).toBe('held');
  });

  it('PX-09: a long one passes, and is not read ahead', async () => {
    const { stream, seen } = streamOf(...Array.from({ length: 12 }, () => 10_000));
    const body = await takeBody(stream, 256_000);
    if (body.kind !== 'passing') throw new Error(body.kind);
    expect(seen.taken).toBeLessThanOrEqual(8);
    expect((await new Response(body.stream).arrayBuffer()).byteLength).toBe(120_000);
  });

  it('PX-09: beyond the limit it ends with an error, and the rest is not read', async () => {
    const { stream, seen } = streamOf(...Array.from({ length: 100 }, () => 10_000));
    const body = await takeBody(stream, 128_000);
    if (body.kind !== 'passing') throw new Error(body.kind);
    await expect(new Response(body.stream).arrayBuffer()).rejects.toThrow(BodyTooLargeError);
    expect(seen).toEqual({ taken: 13, isCancelled: true });
  });

  it('PX-09: too large from the start is rejected at once', async () => {
    const { stream, seen } = streamOf(100_000, 1);
    expect(await takeBody(stream, 64_000)).toEqual({ kind: 'too_large' });
    expect(seen).toEqual({ taken: 1, isCancelled: true });
    expect((await takeBody(streamOf(11).stream, 10)).kind).toBe('too_large');
  });

  it('is none where none is taken', async () => {
    expect(await takeBody(null, 10)).toEqual({ kind: 'none' });
    expect(await takeBody(streamOf(1).stream, 0)).toEqual({ kind: 'none' });
  });
});
