import { describe, expect, it, vi } from 'vitest';
import { streamBody } from './stream-body';

describe('the body of a response on its way', () => {
  it('PX-09: it passes as it is, and no faster than the browser reads it', async () => {
    const taken: number[] = [];
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          taken.push(taken.length);
          if (taken.length > 3) controller.close();
          else controller.enqueue(Buffer.from('a'));
        },
      },
      { highWaterMark: 0 },
    );
    const watched = streamBody(body, { onBreak: () => {} });
    expect(taken).toEqual([]);
    expect(await new Response(watched).text()).toBe('aaa');
  });

  it('PX-09: one that breaks off is reported once, and never ends as if it were whole', async () => {
    const cause = new Error('cut');
    const [onBreak, onEnd] = [vi.fn(), vi.fn()];
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(cause) });
    await expect(new Response(streamBody(body, { onBreak, onEnd })).text()).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect([onBreak.mock.calls, onEnd.mock.calls.length]).toEqual([[[cause]], 1]);
  });

  it('PX-09: one whose browser leaves is cancelled, and that is no break', async () => {
    const [onBreak, onEnd, cancel] = [vi.fn(), vi.fn(), vi.fn()];
    await streamBody(new ReadableStream<Uint8Array>({ cancel }), { onBreak, onEnd }).cancel('gone');
    expect([cancel.mock.calls, onBreak.mock.calls, onEnd.mock.calls.length]).toEqual([[['gone']], [], 1]);
  });

  it('PX-09: an error that counts as an end closes it, as at the limit of an event stream', async () => {
    const [onBreak, onEnd] = [vi.fn(), vi.fn()];
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('limit')),
    });
    expect(await new Response(streamBody(body, { onBreak, onEnd, isEnd: () => true })).text()).toBe('');
    expect([onBreak.mock.calls, onEnd.mock.calls.length]).toEqual([[], 1]);
  });
});
