import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { classifyAddress, createGuardedLookup, isRejectedAddress } from './guarded-lookup';

describe('an address', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2606:4700::1111', 'public'],
    ['127.0.0.1', 'inner'],
    ['127.8.8.8', 'inner'],
    ['10.1.2.3', 'inner'],
    ['172.16.0.1', 'inner'],
    ['172.31.255.255', 'inner'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'inner'],
    ['100.64.0.1', 'inner'],
    ['::1', 'inner'],
    ['fc00::1', 'inner'],
    ['198.18.0.1', 'never'],
    ['2001::1', 'never'],
    ['2001:db8::1', 'never'],
    ['240.0.0.1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fd00:ec2::254', 'never'],
    ['100.100.100.200', 'never'],
    ['fec0::1', 'never'],
    ['64:ff9b:1::a00:1', 'never'],
    ['::ffff:0:a00:1', 'never'],
    ['::7f00:1', 'inner'],
    ['::ffff:10.0.0.1', 'inner'],
    ['::ffff:127.0.0.1', 'inner'],
    ['64:ff9b::7f00:1', 'inner'],
    ['2002:7f00:1::', 'inner'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['fe80::1', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['ff02::1', 'never'],
  ])('PX-15: %s is %s', (address, kind) => {
    expect(classifyAddress(address)).toBe(kind);
  });
});

/** What a name leads to, one lookup after the other. */
async function resolveAddresses(addresses: string[][], options: { all?: boolean } = { all: true }) {
  const lookup = createGuardedLookup((_name, _options, done) => {
    const next = addresses.shift();
    if (next === undefined) return done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
    return done(
      null,
      next.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  });
  const outcomes: unknown[] = [];
  for (let count = addresses.length; count >= 0; count -= 1)
    outcomes.push(
      await new Promise((resolve) =>
        lookup('api.example', options, (error, found) =>
          resolve(
            error === null
              ? typeof found === 'string'
                ? found
                : found.map(({ address }) => address)
              : isRejectedAddress(error)
                ? 'rejected'
                : error.code,
          ),
        ),
      ),
    );
  return outcomes;
}

describe('looking up a name', () => {
  it('PX-15: a name that had a public address is rejected when it resolves to a private one', async () => {
    expect(
      await resolveAddresses([['93.184.216.34'], ['10.0.0.1'], ['127.0.0.1'], ['93.184.216.35']]),
    ).toEqual([['93.184.216.34'], 'rejected', 'rejected', ['93.184.216.35'], 'ENOTFOUND']);
  });

  it('PX-15: one private address among public ones rejects them all', async () => {
    expect((await resolveAddresses([['93.184.216.34'], ['93.184.216.34', '10.0.0.1']]))[1]).toBe('rejected');
  });

  it('PX-15: a name with private addresses works, but one with the address of a metadata service does not', async () => {
    expect(await resolveAddresses([['10.0.0.1'], ['169.254.169.254'], ['10.0.0.2']])).toEqual([
      ['10.0.0.1'],
      'rejected',
      ['10.0.0.2'],
      'ENOTFOUND',
    ]);
  });

  it('a caller that wants one address gets the first', async () => {
    expect(await resolveAddresses([['93.184.216.34', '93.184.216.35'], []], {})).toEqual([
      '93.184.216.34',
      'rejected',
      'ENOTFOUND',
    ]);
  });
});
