import { afterEach, describe, expect, it, vi } from 'vitest';
import { findFreePorts, isPortFree } from './ports.ts';

afterEach(() => vi.unstubAllEnvs());

const portsOfWorker = async (worker: string) => {
  vi.stubEnv('VITEST_POOL_ID', worker);
  return findFreePorts(100);
};

describe('free ports', () => {
  it('are free, and each is given once', async () => {
    const ports = [...(await findFreePorts(50)), ...(await findFreePorts(50))];
    expect(new Set(ports).size).toBe(100);
    expect(await Promise.all(ports.map(isPortFree))).not.toContain(false);
  });

  it('of one worker are never those of another', async () => {
    const ends = [];
    for (const worker of ['1', '2', '3', '7']) {
      const ports = await portsOfWorker(worker);
      ends.push({ low: Math.min(...ports), high: Math.max(...ports) });
    }
    for (const [index, { low }] of ends.entries()) expect(low).toBeGreaterThan(ends[index - 1]?.high ?? 0);
  });
});
