/**
 * Every open stream of messages: a user's streams hear of that user's messages and of no other's.
 * A stream has its place until its connection is closed, so a client that stops reading does not get a second one.
 */
import type { Socket } from 'node:net';
import { createPlaces } from '../http/places.ts';
import { type EventStream, openEventStream, printEvent, type ServerEvent } from './event-stream.ts';

type StreamRequest = {
  ownerId: number;
  /** When the access token expires, and the stream with it. */
  expiresAtMs: number;
  socket: Socket;
};

export type MessageStreams = {
  /** @returns null when the user, all users together, or the connection have as many streams as there may be. */
  open(request: StreamRequest): EventStream | null;
  publish(ownerId: number, event: ServerEvent): void;
  /** Ends every stream, also those that are opened from now on. */
  close(): void;
};

export const maxStreamsPerOwner = 10;
const maxStreams = 500;
// A client that has stopped reading never sees the end; its connection is cut after this.
const lingerMs = 5_000;

export function createMessageStreams(options: { nowMs: () => number; heartbeatMs: number }): MessageStreams {
  const places = createPlaces({ perOwner: maxStreamsPerOwner, total: maxStreams });
  const streams = new Map<Socket, { stream: EventStream; ownerId: number }>();
  let isClosed = false;

  function open({ ownerId, expiresAtMs, socket }: StreamRequest): EventStream | null {
    // Requests may be sent ahead on one connection: a second stream would wait for the end of the first.
    const giveBack = streams.has(socket) ? null : places.take(ownerId);
    if (giveBack === null) return null;
    const onEnd = () => void setTimeout(() => socket.destroy(), lingerMs).unref();
    const stream = openEventStream({ ...options, expiresAtMs, onEnd });
    streams.set(socket, { stream, ownerId });
    const leave = () => {
      stream.end();
      streams.delete(socket);
      giveBack();
    };
    // The connection serves this request last, so its end is the end of the stream. It may be gone already.
    if (socket.destroyed) leave();
    else socket.once('close', leave);
    if (isClosed) stream.end();
    return stream;
  }

  function publish(ownerId: number, event: ServerEvent): void {
    const text = printEvent(event);
    for (const open of streams.values()) if (open.ownerId === ownerId) open.stream.send(text);
  }

  function close(): void {
    isClosed = true;
    for (const { stream } of streams.values()) stream.end();
  }

  return { open, publish, close };
}
