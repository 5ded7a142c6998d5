import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { watchStore } from '../testing/watched-store';
import { clientAddressHeader } from './client-address';
import { checkRateLimit } from './rate-limit';

beforeEach(() => {
  useEnvironment({ RATE_LIMIT_PER_MINUTE: '10' });
  watchStore();
});

const from = (address: string) => new Headers({ [clientAddressHeader()]: address });
async function knock(
  times: number,
  endpoint: Parameters<typeof checkRateLimit>[0],
  headers: (step: number) => Headers,
) {
  const turns = [];
  for (let step = 0; step < times; step += 1)
    turns.push((await checkRateLimit(endpoint, headers(step))).kind);
  return turns.filter((kind) => kind === 'granted').length;
}

describe('RL-01: a limit for each visitor and for all', () => {
  it('one visitor who knocks too often holds up nobody else', async () => {
    expect(await knock(1_000, 'sign_in', () => from('192.0.2.1'))).toBe(10);
    expect(await knock(10, 'sign_in', () => from('192.0.2.2'))).toBe(10);
  });

  it('a network of many addresses may knock ten times as often, and holds up no other', async () => {
    expect(await knock(300, 'callback', (step) => from(`192.0.2.${step % 200}`))).toBe(100);
    expect(await knock(10, 'callback', () => from('198.51.100.1'))).toBe(10);
    expect(await knock(300, 'refresh', (step) => from(`2001:db8:1:${(step % 250).toString(16)}00::1`))).toBe(
      100,
    );
    expect(await knock(10, 'refresh', () => from('2001:db8:2::1'))).toBe(10);
  });

  it('all together may knock two hundred times as often', async () => {
    expect(await knock(2_400, 'callback', (step) => from(`10.${step % 240}.${step % 7}.1`))).toBe(2_000);
  });

  it('each endpoint counts by itself, and the API proxy ten times as many', async () => {
    expect(await knock(20, 'refresh', () => from('192.0.2.1'))).toBe(10);
    expect(await knock(20, 'sign_in', () => from('192.0.2.1'))).toBe(10);
    expect(await knock(200, 'gateway', () => from('192.0.2.1'))).toBe(100);
  });

  it('addresses of one IPv6 line are one visitor', async () => {
    expect(
      await knock(50, 'sign_in', (step) =>
        from(`2001:db8:1:${(step % 250).toString(16)}::${step.toString(16)}`),
      ),
    ).toBe(10);
  });

  it('HO-04: what a browser says about its address is not looked at', async () => {
    const forged = (step: number) =>
      new Headers({ [clientAddressHeader()]: '192.0.2.1', 'x-forwarded-for': `198.51.100.${step % 250}` });
    expect(await knock(1_000, 'sign_in', forged)).toBe(10);
  });
});
