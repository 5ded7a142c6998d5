/**
 * Finds the address of the client: that of the connection, or the one that the trusted proxies in front of
 * this server wrote down. The server guard hands it to Next in a request header, because Next passes on
 * nothing else; the header's name is random, so that no client can set it.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';
import { processSingleton } from '../base/process-singleton';

/** The name of the header that carries the client address; each process has its own. */
export function clientAddressHeader(): string {
  return processSingleton('client_address_header', () => `x-client-${randomBytes(16).toString('hex')}`);
}

/** The address that the server guard noted; null when the request did not pass the guard. */
export function readClientAddress(headers: Pick<Headers, 'get'>): string | null {
  return headers.get(clientAddressHeader());
}

/**
 * After an action that redirects, Next requests the next page from its own server with the headers of the
 * user's request. Such a request carries the client address that the guard noted, under a name that no client
 * knows, and has been validated before.
 */
export function notedAddressOf({ headers }: IncomingMessage): string | undefined {
  return headers[clientAddressHeader()]?.toString();
}

/**
 * Each proxy appends the address it heard from to `X-Forwarded-For`, so only the last `hops` entries were
 * written by trusted proxies. The client itself may have written everything before them.
 * @param hops how many trusted proxies stand in front of this server; with 0 the header is ignored
 */
export function findClientAddress(request: IncomingMessage, hops: number): string {
  const forwarded = proxyAddr(request, (_address, hop) => hop < hops);
  return normalizeAddress(forwarded) ?? normalizeAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
}

/** Some proxies write the port too: `192.0.2.1:49152`, `[2001:db8::1]:49152`. */
const addressWithPort = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/;

/**
 * @returns null for a text that is no address; otherwise one spelling without port and zone, IPv4 also when
 *   it came inside IPv6
 */
function normalizeAddress(text: string): string | null {
  const [, bracketed, dotted] = addressWithPort.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  return ipaddr.isValid(address)
    ? ipaddr.fromByteArray(ipaddr.process(address).toByteArray()).toString()
    : null;
}

export type AddressGroup = {
  /** One client: an IPv4 address, or a /56 of IPv6, which is what a connection at home gets. @see RFC 6177 */
  client: string;
  /** What one customer of a provider may hold: a /24 of IPv4, a /48 of IPv6. */
  network: string;
};

/** @param address as `findClientAddress` returns it */
export function groupAddress(address: string): AddressGroup {
  if (ipaddr.IPv4.isValid(address)) return { client: address, network: networkOf(address, 24) };
  if (ipaddr.IPv6.isValid(address))
    return { client: networkOf(address, 56), network: networkOf(address, 48) };
  return { client: address, network: address };
}

function networkOf(address: string, prefixBits: number): string {
  const family = ipaddr.IPv4.isValid(address) ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(`${address}/${prefixBits}`)}/${prefixBits}`;
}
