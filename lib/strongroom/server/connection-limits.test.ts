import { beforeEach, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { countPage } from './connection-limits';

/** Pages of one address in a minute: twenty times the limit of signing in. */
const limit = 200;
beforeEach(() => useEnvironment({ RATE_LIMIT_PER_MINUTE: '10' }));

const isLimited = (target: string, address = '192.0.2.1') => countPage(address, target);

it('RL-02: an address that asked for too many pages gets no more, and others do', () => {
  const pages = Array.from({ length: limit + 1 }, () => isLimited('/dashboard'));
  expect(pages.indexOf(true)).toBe(limit);
  expect(isLimited('/dashboard', '192.0.2.2')).toBe(false);
});

it.each(['/auth/sign-out', '/auth/sign-out?where=everywhere', '/healthz', '/readyz', '/_next/static/a.js'])(
  'SE-09: beyond the page limit, %s is still served, and counts as no page',
  (target) => {
    for (let count = 0; count <= limit; count += 1) expect(isLimited(target)).toBe(false);
    expect(isLimited('/dashboard')).toBe(false);
    for (let count = 0; count < limit; count += 1) isLimited('/dashboard');
    expect([isLimited('/dashboard'), isLimited(target)]).toEqual([true, false]);
  },
);

it.each(['/auth/sign-outs', '/auth/sign-out/x', '/x/auth/sign-out', '/auth/sign-in', '//auth/sign-out'])(
  'RL-02: %s is no way around the limit',
  (target) => {
    for (let count = 0; count < limit; count += 1) isLimited(target);
    expect(isLimited(target)).toBe(true);
  },
);
