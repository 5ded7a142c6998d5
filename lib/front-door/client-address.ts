/**
 * The address a request came from, as far as it can be known: the connection's own, or what a trusted proxy in front wrote down.
 * The front door notes it in a header whose name nobody outside can guess, because Next hands on nothing else.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { keepInProcess } from '@/lib/base/process-memory';

/** The header of this process; new at every start. */
export function clientAddressHeader(): string {
  return keepInProcess('client_address_header', () => `x-client-${randomBytes(16).toString('hex')}`);
}

/** The address that the front door noted; null when the request did not come through it. */
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

/** One visitor's share of the addresses: all of IPv4, and the first half of IPv6, which is what one line at home has. @see RFC 6177 */
export function groupAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = address.includes('::') ? 8 - groups(head).length - groups(tail).length : 0;
  const all = [...groups(head), ...Array<string>(Math.max(missing, 0)).fill('0'), ...groups(tail)];
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
