/**
 * Bounds what Next holds of request bodies: it keeps each until it has come whole and is answered, and a sender
 * may stop before the last byte. What goes to the gateway passes in pieces and is not counted.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { nowMs } from '../base/clock';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { groupAddress } from './client-address';

/** A small machine has room for `all`, and the users of an office for hundreds of forms at once. */
const maxBytes = { address: 16_000_000, all: 128_000_000 } as const;
/** Of a short body, with its headers and what Next makes of a request. */
const minBytes = 20_000;
/** Of a body that does not say how long it is: a logout token may be as long. */
const unknownBytes = 64_000;

/** Counts the body of the request until its response is over. @returns whether it is one too many */
export function countBody(address: string, request: IncomingMessage, response: ServerResponse): boolean {
  const bytes = bytesOf(request);
  if (bytes === 0) return false;
  const { client } = groupAddress(address);
  const held = processSingleton('held-bodies', () => ({ all: 0, of: new Map<string, number>(), minute: 0 }));
  const own = held.of.get(client) ?? 0;
  const exceeded = own + bytes > maxBytes.address ? 'address' : 'all';
  if (exceeded === 'address' || held.all + bytes > maxBytes.all) {
    const minute = Math.floor(nowMs() / 60_000);
    if (minute !== held.minute) logWarning('rate_limit_reached', { endpoint: 'body', of: exceeded });
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
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (/^\/api\/gateway(?:[/?]|$)/.test(url) || (length === undefined && encoding === undefined)) return 0;
  return Math.max(minBytes, Number(length ?? unknownBytes));
}
