import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMessageStreams, maxStreamsPerOwner } from './message-streams.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const create = () => createMessageStreams({ nowMs: Date.now, heartbeatMs: 15_000 });
const request = (socket = new Socket()) => ({ ownerId: 1, expiresAtMs: 60_000, socket });

test('RS-19: a client that left before its stream was opened takes no place and leaves no heartbeat', () => {
  const streams = create();
  for (let count = 0; count < maxStreamsPerOwner + 1; count++)
    expect(streams.open(request(new Socket().destroy()))).not.toBeNull();
  vi.advanceTimersByTime(5_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('RS-19: a client that stopped reading keeps its place until its connection is cut', async () => {
  const streams = create();
  const sockets = Array.from({ length: maxStreamsPerOwner }, () => new Socket());
  for (const socket of sockets) streams.open(request(socket));
  streams.publish(1, { event: 'message', data: 'x'.repeat(600_000) });
  expect(streams.open(request())).toBeNull();
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  vi.advanceTimersByTime(5_000);
  await Promise.all(closed);
  expect(streams.open(request())).not.toBeNull();
});

test('a stream that is opened while the server shuts down ends at once', async () => {
  const streams = create();
  streams.close();
  const stream = streams.open(request());
  expect(await new Response(stream?.body).text()).toBe('');
});
