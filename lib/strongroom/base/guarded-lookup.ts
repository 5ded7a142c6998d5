/**
 * Looks up names for requests that carry somebody's token: a name that was public once stays public, and no name leads to the network's own
 * machinery. Whoever can answer for a name cannot turn it inwards under a running process.
 * @see OWASP SSRF Prevention (DNS pinning), RFC 6890
 */
import 'server-only';
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { BoundedMap } from './bounded-map';
import { processSingleton } from './process-singleton';

type Range = readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'];

/** No server that people name is there: this network, link-local (metadata of clouds), multicast, reserved. */
const neverRanges: readonly Range[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  // Addresses of one kind that hold one of another.
  ['::ffff:0:0:0', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  // Metadata of clouds.
  ['fd00:ec2::254', 128, 'ipv6'],
  ['100.100.100.200', 32, 'ipv4'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
/** Fine for an inner name: this machine and private networks. */
const innerRanges: readonly Range[] = [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['::', 96, 'ipv6'],
  // Addresses that hold an IPv4 address are for that one's sake not public.
  ['64:ff9b::', 96, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
];
const pinMs = 24 * 3_600_000;
/** As `getaddrinfo` would say it of a name without an address. */
const rejectedCode = 'EADDRREFUSED';

export type AddressKind = 'public' | 'inner' | 'never';

/** IPv4 addresses in IPv6 dress (`::ffff:10.0.0.1`) count as what they are. */
export function validateAddress(address: string): AddressKind {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const { never, inner } = rangesOnce();
  if (never.check(address, family)) return 'never';
  return inner.check(address, family) ? 'inner' : 'public';
}

function rangesOnce(): { never: BlockList; inner: BlockList } {
  return processSingleton('address-ranges', () => ({
    never: listOf(neverRanges),
    inner: listOf(innerRanges),
  }));
}

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix, family] of ranges) list.addSubnet(network, prefix, family);
  return list;
}

type Resolve = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** @returns a `lookup` for `node:http`; each one remembers for itself which names are public */
export function createGuardedLookup(resolve: Resolve = lookup): LookupFunction {
  const publicNames = new BoundedMap<true>(1_000);
  return (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const isPublic = found.some(({ address }) => validateAddress(address) === 'public');
      const isPinned = isPublic || publicNames.get(hostname) !== null;
      const addresses = found.filter(({ address }) => isAllowed(validateAddress(address), isPinned));
      if (addresses.length < found.length || addresses.length === 0) return done(rejection(), []);
      if (isPublic) publicNames.set(hostname, true, pinMs);
      if (options.all) return done(null, addresses);
      const [first] = addresses;
      return done(null, first?.address ?? '', first?.family);
    });
}

function isAllowed(kind: AddressKind, isPinned: boolean): boolean {
  return kind === 'public' || (kind === 'inner' && !isPinned);
}

function rejection(): NodeJS.ErrnoException {
  return Object.assign(new Error('address rejected'), { code: rejectedCode });
}

export function isRejectedAddress(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === rejectedCode;
}
