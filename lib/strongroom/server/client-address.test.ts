import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { findClientAddress, groupAddress } from './client-address';

type Sent = { peer: string | undefined; forwardedFor?: string | undefined };
const addressOf = ({ peer, forwardedFor }: Sent, hops: number) =>
  findClientAddress(
    {
      socket: { remoteAddress: peer },
      headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    } as IncomingMessage,
    hops,
  );

describe('HO-04: the client address', () => {
  it.each([
    [0, '203.0.113.9', undefined, '203.0.113.9'],
    [0, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [1, '10.0.0.2', '198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.2', '1.1.1.1, 2.2.2.2, 198.51.100.1', '198.51.100.1'],
    [2, '10.0.0.2', '1.1.1.1, 198.51.100.1, 10.0.0.3', '198.51.100.1'],
    [1, '10.0.0.2', undefined, '10.0.0.2'],
    [2, '10.0.0.2', '198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.2', 'no address', '10.0.0.2'],
    [1, '10.0.0.2', '', '10.0.0.2'],
    [1, '10.0.0.2', '198.51.100.1:49152', '198.51.100.1'],
    [1, '10.0.0.2', '[2001:db8::1]:49152', '2001:db8::1'],
    [1, '10.0.0.2', '2001:DB8::1', '2001:db8::1'],
    [1, '10.0.0.2', '2001:0db8:0:0::0001', '2001:db8::1'],
    [0, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    [0, 'fe80::1%eth0', undefined, 'fe80::1'],
    [0, undefined, '198.51.100.1', 'unknown'],
  ])(
    'behind %s trusted proxies, connected from %s, with X-Forwarded-For %s, is %s',
    (hops, peer, forwardedFor, address) => {
      expect(addressOf({ peer, forwardedFor }, hops)).toBe(address);
    },
  );

  it('does not depend on entries that the client wrote before those of the trusted proxies', () => {
    const forged = Array.from({ length: 100 }, (_, number) => `192.0.2.${number}`).join(',');
    expect(addressOf({ peer: '10.0.0.2', forwardedFor: `${forged}, 198.51.100.1` }, 1)).toBe('198.51.100.1');
  });

  it.each([
    ['198.51.100.1', '198.51.100.1', '198.51.100.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/56', '2001:db8:1::/48'],
    ['2001:db8:1:ab02::6', '2001:db8:1:ab00::/56', '2001:db8:1::/48'],
    ['2001:0db8:0001:ab7f::9', '2001:db8:1:ab00::/56', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8::/56', '2001:db8::/48'],
    ['::1', '::/56', '::/48'],
    ['unknown', 'unknown', 'unknown'],
  ])('%s counts as the client %s in the network %s', (address, client, network) => {
    expect(groupAddress(address)).toEqual({ client, network });
  });
});
