import { describe, expect, it, vi } from 'vitest';
import { watchBody } from './watched-body';

describe('the body of an answer on its way', () => {
  it('PX-09: passes as it is, and no faster than it is read', async () => {
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
    const watched = watchBody(body, () => {});
    expect(taken).toEqual([]);
    expect(await new Response(watched).text()).toBe('aaa');
  });

  it('PX-09: that breaks off is told once, and never ends as if it were whole', async () => {
    const cause = new Error('cut');
    const onBreak = vi.fn();
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(cause) });
    await expect(new Response(watchBody(body, onBreak)).text()).rejects.toMatchObject({ name: 'AbortError' });
    expect(onBreak.mock.calls).toEqual([[cause]]);
  });

  it('PX-09: whose reader leaves is cancelled, and that is no break', async () => {
    const [onBreak, cancel] = [vi.fn(), vi.fn()];
    await watchBody(new ReadableStream<Uint8Array>({ cancel }), onBreak).cancel('gone');
    expect([cancel.mock.calls, onBreak.mock.calls]).toEqual([[['gone']], []]);
  });
});
