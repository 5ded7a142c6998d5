/**
 * Bounds what requests without a response take of the heap. Next works on each at once, however many there are, and
 * keeps a body until it has come whole; its sender may stop before the last byte. When the heap is full, the process
 * ends.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import v8 from 'node:v8';
import { nowMs } from '../base/clock';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { groupAddress } from './client-address';

/** Of the whole heap, of which the application itself takes a third with the flags of `npm start`. */
const shares = { address: 0.15, all: 0.25 } as const;
/**
 * Measured: a page that waits for the API takes 80 kB, a stream of the gateway 30. An action takes twice as
 * much as its page: where it belongs to another one, Next asks its own server for that.
 */
const [pageBytes, gatewayBytes, actionBytes] = [100_000, 30_000, 250_000];
/** What is read from a body takes up to ten times its room. */
const bodyFactor = 12;
/** Of a body that does not say how long it is: a logout token may be as long. */
const unknownBytes = 64_000;

const uncounted = /^\/(?:_next\/static\/|healthz(?:\?|$))/;
const gatewayAddress = /^\/api\/gateway(?:[/?]|$)/;

/** Counts the request until its response is over. @returns whether it is one too many */
export function countHeld(address: string, request: IncomingMessage, response: ServerResponse): boolean {
  const bytes = bytesOf(request);
  if (bytes === 0) return false;
  const { client } = groupAddress(address);
  const held = processSingleton('held-requests', () => ({
    ...{ all: 0, of: new Map<string, number>(), minute: 0 },
    heapBytes: v8.getHeapStatistics().heap_size_limit,
  }));
  const own = held.of.get(client) ?? 0;
  const exceeded = own + bytes > shares.address * held.heapBytes ? 'address' : 'all';
  if (exceeded === 'address' || held.all + bytes > shares.all * held.heapBytes) {
    const minute = Math.floor(nowMs() / 60_000);
    if (minute !== held.minute) logWarning('rate_limit_reached', { endpoint: 'memory', of: exceeded });
    held.minute = minute;
    return true;
  }
  held.all += bytes;
  held.of.set(client, own + bytes);
  response.once('close', () => {
    held.all -= bytes;
    const left = (held.of.get(client) ?? bytes) - bytes;
    if (left > 0) held.of.set(client, left);
    else held.of.delete(client);
  });
  return false;
}

function bytesOf({ url = '', headers }: IncomingMessage): number {
  if (uncounted.test(url)) return 0;
  // Its bodies pass in pieces.
  if (gatewayAddress.test(url)) return gatewayBytes;
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (encoding === undefined && length === undefined) return pageBytes;
  return actionBytes + bodyFactor * Number(length ?? unknownBytes);
}
