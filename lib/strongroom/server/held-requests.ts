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

/**
 * Of the whole heap, of which the application itself takes a third with the flags of `npm start`. A sender of forms
 * decides how long they take: two senders leave room for the forms of others, and all of them leave room for pages.
 */
const shares = { all: 0.25, formsOfAll: 0.2, address: 0.15, formsOfAddress: 0.08 } as const;
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
/** No page is made for them, and many may come at once from one address: that of the authorization server, or of an office. */
const routeAddress = /^\/auth\/(?:back-channel-logout|sign-out|device\/(?:register|refresh))(?:\?|$)/;

/** Counts the request until its response is over. @returns whether it is one too many */
export function countHeld(address: string, request: IncomingMessage, response: ServerResponse): boolean {
  const { bytes, isForm } = measure(request);
  if (bytes === 0) return false;
  const { client } = groupAddress(address);
  const held = processSingleton('held-requests', () => ({
    ...{ taken: new Map<string, number>(), minute: 0 },
    heapBytes: v8.getHeapStatistics().heap_size_limit,
  }));
  const places: Place[] = [
    { name: client, of: 'address', share: shares.address },
    { name: 'all', of: 'all', share: shares.all },
  ];
  if (isForm)
    places.push(
      { name: `forms ${client}`, of: 'address', share: shares.formsOfAddress },
      { name: 'forms', of: 'all', share: shares.formsOfAll },
    );
  const full = places.find(({ name, share }) => (held.taken.get(name) ?? 0) + bytes > share * held.heapBytes);
  if (full !== undefined) {
    const minute = Math.floor(nowMs() / 60_000);
    if (minute !== held.minute) logWarning('rate_limit_reached', { endpoint: 'memory', of: full.of });
    held.minute = minute;
    return true;
  }
  for (const { name } of places) add(held.taken, name, bytes);
  response.once('close', () => {
    for (const { name } of places) add(held.taken, name, -bytes);
  });
  return false;
}

type Place = { name: string; of: 'address' | 'all'; share: number };

function add(taken: Map<string, number>, name: string, bytes: number): void {
  const sum = (taken.get(name) ?? 0) + bytes;
  if (sum > 0) taken.set(name, sum);
  else taken.delete(name);
}

function measure({ url = '', headers }: IncomingMessage): { bytes: number; isForm: boolean } {
  if (uncounted.test(url)) return { bytes: 0, isForm: false };
  // Its bodies pass in pieces.
  if (gatewayAddress.test(url)) return { bytes: gatewayBytes, isForm: false };
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (encoding === undefined && length === undefined) return { bytes: pageBytes, isForm: false };
  if (routeAddress.test(url)) return { bytes: gatewayBytes + Number(length ?? unknownBytes), isForm: true };
  return { bytes: actionBytes + bodyFactor * Number(length ?? unknownBytes), isForm: true };
}
