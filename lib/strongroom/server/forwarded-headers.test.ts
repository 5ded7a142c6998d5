import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { forgetProcessSingletons } from '../testing/environment';
import { findForwardingProblem, warnOnceOfForwarding } from './forwarded-headers';

const address = '198.51.100.1';

describe('HO-04: TRUSTED_PROXY_HOPS', () => {
  it.each([
    [0, {}],
    [1, { 'x-forwarded-for': address }],
    [2, { 'x-forwarded-for': `${address}, 10.0.0.1` }],
    [1, { 'x-forwarded-for': address, 'cf-connecting-ip': address, forwarded: `for=${address}` }],
  ])('%s fits %j', (hops, headers) => {
    expect(findForwardingProblem(headers, hops, address)).toBeNull();
  });

  it.each([
    ['too_low', 0, { 'x-forwarded-for': address }],
    ['too_low', 1, { 'x-forwarded-for': `192.0.2.1, ${address}` }],
    ['too_low', 1, { 'x-forwarded-for': address, 'cf-connecting-ip': '192.0.2.1' }],
    ['too_low', 1, { 'x-forwarded-for': address, 'true-client-ip': '192.0.2.1' }],
    ['too_low', 1, { forwarded: 'for=192.0.2.1' }],
    ['too_high', 2, { 'x-forwarded-for': address }],
  ])('is %s: %s with %j', (is, hops, headers) => {
    expect(findForwardingProblem(headers, hops, address)?.is).toBe(is);
  });

  beforeEach(forgetProcessSingletons);

  it('is doubted once, in a line that names it', () => {
    const warned = vi.spyOn(log, 'logWarning').mockImplementation(() => {});
    for (let count = 0; count < 3; count += 1)
      warnOnceOfForwarding({ 'x-forwarded-for': 'a, b' }, 1, address);
    expect(warned.mock.calls).toEqual([
      [
        'forwarding_doubtful',
        expect.objectContaining({ hops: 1, meaning: expect.stringContaining('TRUSTED_PROXY_HOPS') }),
      ],
    ]);
    warned.mockRestore();
  });
});
