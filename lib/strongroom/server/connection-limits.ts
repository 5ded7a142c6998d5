/** Bounds what one connection and one client address may make this process render. */
import 'server-only';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BoundedMap } from '../base/bounded-map';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { groupAddress } from './client-address';

/**
 * Browsers and proxies wait for a response before they send the next request on its connection. Node hands
 * over at once whatever was sent without waiting (pipelining). @see RFC 9112 §9.3.2
 */
const maxPending = 8;
const pending = new WeakMap<Socket, number>();

/** Counts a request of the connection until its response is over. @returns whether it is one too many */
export function countPipelined(socket: Socket, response: ServerResponse): boolean {
  const count = (pending.get(socket) ?? 0) + 1;
  pending.set(socket, count);
  response.once('close', () => pending.set(socket, (pending.get(socket) ?? 1) - 1));
  return count > maxPending;
}

/** RATE_LIMIT_PER_MINUTE is about signing in, which takes some pages before and after it. */
const pageFactor = 20;
const windowMs = 60_000;
const maxClients = 20_000;

/**
 * Counts what Next would render, in this process alone: it is the processor of this machine that is spared.
 * Files, the gateway and the routes of device binding cost little, or have a limit of their own, and signing out
 * must always work.
 * @returns whether it is one too many
 */
export function countPage(address: string, target: string): boolean {
  if (
    /^\/(?:_next\/static\/|api\/gateway(?:[?/]|$)|(?:healthz|readyz|\.well-known\/jwks\.json|auth\/(?:sign-out|device\/(?:register|refresh)))(?:\?|$))/.test(
      target,
    )
  )
    return false;
  const { client } = groupAddress(address);
  const counts = processSingleton('page-counts', () => new BoundedMap<number>(maxClients));
  const count = (counts.get(client) ?? 0) + 1;
  if (count === 1) counts.set(client, count, windowMs);
  else counts.replace(client, count);
  const limit = getConfig().rateLimitPerMinute * pageFactor;
  if (count === limit + 1) logWarning('rate_limit_reached', { endpoint: 'page', of: 'address' });
  return count > limit;
}
