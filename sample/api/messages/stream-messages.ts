/**
 * `GET /messages/stream`: what happens to a user's messages, as it happens. A client that comes back with `Last-Event-ID`
 * gets what was posted since; when that cannot be told, it is sent `reload` and reads the list again.
 * @see WHATWG HTML §9.2
 */
import { tooManyRequests } from '../http/answer-errors.ts';
import type { ApiContext } from '../http/api-context.ts';
import { type Log, pseudonymOf } from '../http/log.ts';
import type { OwnerStore } from '../store/owner-store.ts';
import { printEvent } from './event-stream.ts';
import type { MessageStore } from './message-store.ts';
import type { MessageStreams } from './message-streams.ts';

export type StreamParts = { owners: OwnerStore; messages: MessageStore; streams: MessageStreams; log: Log };

export const maxMissed = 50;
const reconnectAfterMs = 2_000;
const placeWaitSec = 10;

// The connection closes with the stream: nothing else waits behind it.
const headers = { 'content-type': 'text/event-stream', connection: 'close' };

export function createStreamMessages({ owners, messages, streams, log }: StreamParts) {
  return function streamMessages(c: ApiContext): Response {
    const caller = c.get('caller');
    const ownerId = owners.idOf(caller);
    const expiresAtMs = caller.expiresAtSec * 1000;
    const stream = streams.open({ ownerId, expiresAtMs, socket: c.env.incoming.socket });
    if (stream === null) throw tooManyRequests(placeWaitSec, 'stream_limit');
    // Read and sent in one go with opening: no message fits between them, and none is sent twice.
    stream.send(
      `retry: ${reconnectAfterMs}\n${printMissed(messages, ownerId, c.req.header('last-event-id'))}`,
    );
    log('stream_opened', { user: pseudonymOf(caller.issuer, caller.subject) });
    return c.body(stream.body, 200, headers);
  };
}

/** Ends the block that `retry` begins. */
function printMissed(messages: MessageStore, ownerId: number, lastEventId: string | undefined): string {
  const newest = messages.list(ownerId, { limit: 1, offset: 0 }).items[0]?.id;
  // An id without data is no event, but the client keeps it and comes back with it, even if nothing is posted until then.
  if (!lastEventId) return newest === undefined ? '\n' : `id: ${newest}\n\n`;
  const missed = messages.listAfter(ownerId, lastEventId, maxMissed + 1);
  if (missed === null || missed.length > maxMissed)
    return `\n${printEvent({ event: 'reload', id: newest, data: {} })}`;
  const events = missed.map((message) => printEvent({ event: 'message', id: message.id, data: message }));
  return `\n${events.join('')}`;
}
