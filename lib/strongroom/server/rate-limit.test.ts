import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { watchStore } from '../testing/watched-store';
import { clientAddressHeader } from './client-address';
import { checkRateLimit, type RateLimitedEndpoint } from './rate-limit';

beforeEach(() => {
  // Each minute is counted by itself, and none of these may end in the middle of a test.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 2, 12, 14, 5) });
  useEnvironment({ RATE_LIMIT_PER_MINUTE: '10' });
  watchStore();
});

afterEach(() => void vi.useRealTimers());

const from = (address: string) => new Headers({ [clientAddressHeader()]: address });

/** @returns how many of `count` requests are allowed; `headersOf` makes those of each */
async function countAllowed(
  count: number,
  endpoint: RateLimitedEndpoint,
  headersOf: (index: number) => Headers,
): Promise<number> {
  let allowed = 0;
  for (let index = 0; index < count; index += 1)
    if ((await checkRateLimit(endpoint, headersOf(index))).kind === 'allowed') allowed += 1;
  return allowed;
}

describe('RL-01: the rate limit', () => {
  it('of one address does not hold up another address', async () => {
    expect(await countAllowed(1_000, 'sign_in', () => from('192.0.2.1'))).toBe(10);
    expect(await countAllowed(10, 'sign_in', () => from('192.0.2.2'))).toBe(10);
  });

  it('of a network is five times that of an address, and does not hold up another network', async () => {
    expect(await countAllowed(300, 'callback', (index) => from(`192.0.2.${index % 200}`))).toBe(50);
    expect(await countAllowed(10, 'callback', () => from('198.51.100.1'))).toBe(10);
    const ofOneSite = (index: number) => from(`2001:db8:1:${(index % 250).toString(16)}00::1`);
    expect(await countAllowed(300, 'refresh', ofOneSite)).toBe(50);
    expect(await countAllowed(10, 'refresh', () => from('2001:db8:2::1'))).toBe(10);
  });

  it('of all clients together is fifty times that of an address', async () => {
    const ofManyNetworks = (index: number) => from(`10.${index % 240}.${index % 7}.1`);
    expect(await countAllowed(2_400, 'callback', ofManyNetworks)).toBe(500);
  });

  it('RL-06: writes no more addresses into the store once all clients together are beyond their limit', async () => {
    const store = watchStore();
    const ofManyNetworks = (index: number) => from(`10.${index % 240}.${index % 250}.1`);
    await countAllowed(501, 'callback', ofManyNetworks);
    const calls = store.calls.length;
    expect(await countAllowed(100, 'callback', (index) => from(`172.16.${index}.1`))).toBe(0);
    expect(store.calls.length).toBe(calls);
  });

  it('counts each endpoint by itself, and is ten times as high for the gateway and for forms', async () => {
    expect(await countAllowed(20, 'refresh', () => from('192.0.2.1'))).toBe(10);
    expect(await countAllowed(20, 'sign_in', () => from('192.0.2.1'))).toBe(10);
    expect(await countAllowed(200, 'gateway', () => from('192.0.2.1'))).toBe(100);
    expect(await countAllowed(200, 'user_request', () => from('192.0.2.1'))).toBe(100);
  });

  it('counts the addresses of one IPv6 connection as one client', async () => {
    const ofOneHome = (index: number) =>
      from(`2001:db8:1:${(index % 250).toString(16)}::${index.toString(16)}`);
    expect(await countAllowed(50, 'sign_in', ofOneHome)).toBe(10);
  });

  it('HO-04: ignores the address that a browser claims', async () => {
    const forged = (index: number) =>
      new Headers({ [clientAddressHeader()]: '192.0.2.1', 'x-forwarded-for': `198.51.100.${index % 250}` });
    expect(await countAllowed(1_000, 'sign_in', forged)).toBe(10);
  });
});
