import { afterEach, describe, expect, it, vi } from 'vitest';
import { findFreePorts, isPortFree } from './ports.ts';

afterEach(() => vi.unstubAllEnvs());

const portsOfWorker = async ([variable, worker]: [string, string]) => {
  vi.unstubAllEnvs();
  vi.stubEnv('TEST_PARALLEL_INDEX', undefined);
  vi.stubEnv(variable, worker);
  return findFreePorts(100);
};

/** Those of Vitest are numbered from 1, those of Playwright from 0, and both run at the same time. */
const workers: [string, string][] = [
  ['VITEST_POOL_ID', '1'],
  ['VITEST_POOL_ID', '2'],
  ['VITEST_POOL_ID', '3'],
  ['TEST_PARALLEL_INDEX', '0'],
  ['TEST_PARALLEL_INDEX', '1'],
  ['TEST_PARALLEL_INDEX', '3'],
];

describe('free ports', () => {
  it('are free, and each is given once', async () => {
    const ports = [...(await findFreePorts(50)), ...(await findFreePorts(50))];
    expect(new Set(ports).size).toBe(100);
    expect(await Promise.all(ports.map(isPortFree))).not.toContain(false);
  });

  it('of one worker are never those of another', async () => {
    const ends = [];
    for (const worker of workers) {
      const ports = await portsOfWorker(worker);
      ends.push({ low: Math.min(...ports), high: Math.max(...ports) });
    }
    for (const [index, { low }] of ends.entries()) expect(low).toBeGreaterThan(ends[index - 1]?.high ?? 0);
  });
});
