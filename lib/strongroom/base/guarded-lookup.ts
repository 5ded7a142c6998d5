/**
 * Looks up the names of servers that we send tokens and secrets to. A name that had a public address once may
 * not resolve to a private one later, and no name may resolve to a link-local or metadata address. So an
 * attacker who controls the DNS of a name cannot point a running process at the inner network.
 * @see OWASP SSRF Prevention (DNS pinning), RFC 6890
 */
import 'server-only';
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { BoundedMap } from './bounded-map';
import { processSingleton } from './process-singleton';

const pinMs = 24 * 3_600_000;
/** Looks like an error code of `getaddrinfo`, because callers of a lookup expect one. */
const rejectedCode = 'EADDRREFUSED';

export type AddressKind =
  | 'public'
  /** This machine and private networks: allowed for a name that was never public. */
  | 'inner'
  /**
   * Never allowed, because no server of ours is there: link-local addresses, metadata services of clouds,
   * multicast, reserved ranges.
   */
  | 'never';

/**
 * The ranges of ipaddr.js; one that is not listed is `never`. An IPv6 address that embeds a public IPv4
 * address is not public because of it.
 */
const kindOfRange: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  loopback: 'inner',
  private: 'inner',
  carrierGradeNat: 'inner',
  uniqueLocal: 'inner',
  rfc6052: 'inner',
  '6to4': 'inner',
};

/**
 * Ranges that ipaddr.js classifies differently: metadata services, local NAT64 (RFC 8215), and
 * IPv4-compatible addresses (RFC 4291 §2.5.5.1).
 */
const ownRanges = {
  reserved: ['::/128', '64:ff9b:1::/48', 'fd00:ec2::254/128', '100.100.100.200/32'],
  private: ['::/96'],
};

/** IPv4 addresses that are written as IPv6 (`::ffff:10.0.0.1`) count as what they are. */
export function classifyAddress(text: string): AddressKind {
  const address = ipaddr.process(text);
  const range = ipaddr.subnetMatch(address, ownRangesOnce(), address.range());
  return kindOfRange[range] ?? 'never';
}

function ownRangesOnce() {
  return processSingleton('address-ranges', () => ({
    reserved: ownRanges.reserved.map((range) => ipaddr.parseCIDR(range)),
    private: ownRanges.private.map((range) => ipaddr.parseCIDR(range)),
  }));
}

type Resolve = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** @returns a `lookup` for `node:net`; each one remembers for itself which names are public */
export function createGuardedLookup(resolve: Resolve = lookup): LookupFunction {
  const publicNames = new BoundedMap<true>(1_000);
  return (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const kinds = found.map(({ address }) => classifyAddress(address));
      const isPublic = kinds.includes('public');
      const isPinned = isPublic || publicNames.get(hostname) !== null;
      const isAllowed = (kind: AddressKind) => kind === 'public' || (kind === 'inner' && !isPinned);
      if (found.length === 0 || !kinds.every(isAllowed)) return done(rejection(), []);
      if (isPublic) publicNames.set(hostname, true, pinMs);
      if (options.all) return done(null, found);
      const [first] = found;
      return done(null, first?.address ?? '', first?.family);
    });
}

function rejection(): NodeJS.ErrnoException {
  return Object.assign(new Error('address rejected'), { code: rejectedCode });
}

export function isRejectedAddress(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === rejectedCode;
}
