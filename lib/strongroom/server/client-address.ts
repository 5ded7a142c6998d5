/**
 * The address a request came from, as far as it can be known: the connection's own, or what a trusted proxy in front wrote down.
 * The front endpoint notes it in a header whose name nobody outside can guess, because Next hands on nothing else.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { processSingleton } from '../base/process-singleton';

/** The header of this process; new at every start. */
export function clientAddressHeader(): string {
  return processSingleton('client_address_header', () => `x-client-${randomBytes(16).toString('hex')}`);
}

/** The address that the front endpoint noted; null when the request did not come through it. */
export function readClientAddress(headers: Pick<Headers, 'get'>): string | null {
  return headers.get(clientAddressHeader());
}

type Connection = { peer: string | undefined; forwardedFor: string | undefined };

/**
 * Each proxy appends whom it heard from to `X-Forwarded-For`: what stands left of the trusted ones is the visitor's own claim.
 * @param hops how many trusted proxies stand in front; 0 believes nobody
 */
export function findClientAddress({ peer, forwardedFor }: Connection, hops: number): string {
  const own = normalizeAddress(peer ?? '') ?? 'unknown';
  if (hops === 0 || forwardedFor === undefined) return own;
  const claims = forwardedFor.split(',');
  return normalizeAddress(claims[claims.length - hops] ?? '') ?? own;
}

/** Without port, brackets, zone and the IPv6 form of IPv4; null when it is no address. */
function normalizeAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '');
  return isIP(bare) === 0 ? null : bare.toLowerCase();
}

export type AddressGroup = {
  /** One visitor: an address of IPv4, a /56 of IPv6, which is what a line at home gets. @see RFC 6177 */
  line: string;
  /** What one customer of a provider may hold: a /24 of IPv4, a /48 of IPv6. */
  network: string;
};

export function groupAddress(address: string): AddressGroup {
  if (isIP(address) === 4) return { line: address, network: address.replace(/\.\d+$/, '.0/24') };
  if (isIP(address) !== 6) return { line: address, network: address };
  const [first = '', second = '', third = '', fourth = ''] = expand(address).map((group) =>
    group.padStart(4, '0'),
  );
  const site = `${first}:${second}:${third}`;
  return { line: `${site}:${fourth.slice(0, 2)}00::/56`, network: `${site}::/48` };
}

/** The eight groups of an IPv6 address. */
function expand(address: string): string[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = address.includes('::') ? 8 - groups(head).length - groups(tail).length : 0;
  return [...groups(head), ...Array<string>(Math.max(missing, 0)).fill('0'), ...groups(tail)];
}
