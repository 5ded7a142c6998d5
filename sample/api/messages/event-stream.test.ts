import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEventStream, printEvent } from './event-stream.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function open(expiresAtMs = 60_000) {
  const onEnd = vi.fn();
  return { onEnd, ...openEventStream({ expiresAtMs, heartbeatMs: 15_000, nowMs: Date.now, onEnd }) };
}
const readAll = (body: ReadableStream<Uint8Array>) => new Response(body).text();

describe('the text of an event', () => {
  test('an event with an id is four lines', () => {
    expect(printEvent({ event: 'message', id: 'm_1', data: { a: 1 } })).toBe(
      'event: message\nid: m_1\ndata: {"a":1}\n\n',
    );
    expect(printEvent({ event: 'deleted', data: {} })).toBe('event: deleted\ndata: {}\n\n');
  });

  test.each(['a\n\nevent: deleted\n\n', 'a\r\rb', 'id: 7\r\n', '\0'])(
    'a text cannot begin another event: %j',
    (text) => {
      const printed = printEvent({ event: 'message', id: 'm_1', data: { text } });
      expect(printed.trimEnd().split(/[\r\n]/)).toHaveLength(3);
      expect(JSON.parse(printed.split('data: ')[1] ?? '')).toEqual({ text });
    },
  );
});

describe('the end of a stream', () => {
  test('a silent stream has heartbeats until its token expires, and then no timer', async () => {
    const { body, onEnd } = open();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(onEnd).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onEnd).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
    expect(await readAll(body)).toBe(':\n\n'.repeat(3));
  });

  test('nothing is sent once the token has expired, even when no timer has run', async () => {
    const { body, send, onEnd } = open();
    send('early\n\n');
    vi.setSystemTime(60_000);
    send('late\n\n');
    expect(onEnd).toHaveBeenCalledOnce();
    expect(await readAll(body)).toBe('early\n\n');
  });

  test('a token that is good for longer than a timer can wait does not end the stream', async () => {
    const { onEnd } = open(2 ** 40);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onEnd).not.toHaveBeenCalled();
  });

  test('RS-19: a client that does not read ends its stream, and what was sent before is whole', async () => {
    const { body, send, onEnd } = open();
    const event = `${'x'.repeat(100_000)}\n\n`;
    for (let count = 0; count < 50; count++) send(event);
    expect(onEnd).toHaveBeenCalledOnce();
    expect(await readAll(body)).toBe(event.repeat(6));
  });

  test('a client that leaves ends its stream once, with all its timers', async () => {
    const { body, send, end, onEnd } = open();
    await body.cancel();
    send('more\n\n');
    end();
    expect(onEnd).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
