import { describe, expect, it } from 'vitest';
import { findClientAddress, groupAddress } from './client-address';

describe('HO-04: the address of a visitor', () => {
  it.each([
    [0, '203.0.113.9', undefined, '203.0.113.9'],
    [0, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [1, '10.0.0.2', '198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.2', '1.1.1.1, 2.2.2.2, 198.51.100.1', '198.51.100.1'],
    [2, '10.0.0.2', '1.1.1.1, 198.51.100.1, 10.0.0.3', '198.51.100.1'],
    [1, '10.0.0.2', undefined, '10.0.0.2'],
    [2, '10.0.0.2', '198.51.100.1', '10.0.0.2'],
    [1, '10.0.0.2', 'somebody', '10.0.0.2'],
    [1, '10.0.0.2', '', '10.0.0.2'],
    [1, '10.0.0.2', '198.51.100.1:49152', '198.51.100.1'],
    [1, '10.0.0.2', '[2001:db8::1]:49152', '2001:db8::1'],
    [1, '10.0.0.2', '2001:DB8::1', '2001:db8::1'],
    [0, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    [0, 'fe80::1%eth0', undefined, 'fe80::1'],
    [0, undefined, '198.51.100.1', 'unknown'],
  ])('behind %s proxies, from %s, which says %s: %s', (hops, peer, forwardedFor, address) => {
    expect(findClientAddress({ peer, forwardedFor }, hops)).toBe(address);
  });

  it('what a visitor claims in front of the trusted ones changes nothing', () => {
    const claimed = Array.from({ length: 100 }, (_, number) => `192.0.2.${number}`).join(',');
    expect(findClientAddress({ peer: '10.0.0.2', forwardedFor: `${claimed}, 198.51.100.1` }, 1)).toBe(
      '198.51.100.1',
    );
  });

  it.each([
    ['198.51.100.1', '198.51.100.1', '198.51.100.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0000::/56', '2001:0db8:0001::/48'],
    ['2001:db8:1:ab02::6', '2001:0db8:0001:ab00::/56', '2001:0db8:0001::/48'],
    ['2001:0db8:0001:ab7f::9', '2001:0db8:0001:ab00::/56', '2001:0db8:0001::/48'],
    ['2001:db8::1', '2001:0db8:0000:0000::/56', '2001:0db8:0000::/48'],
    ['::1', '0000:0000:0000:0000::/56', '0000:0000:0000::/48'],
    ['unknown', 'unknown', 'unknown'],
  ])('%s is one visitor of %s, in the network %s', (address, line, network) => {
    expect(groupAddress(address)).toEqual({ line, network });
  });
});
