import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../base/errors';
import { forgetProcessSingletons } from '../testing/environment';
import { storeUnavailable } from '../testing/watched-store';
import { LateWrites, writeOrRetry } from './late-writes';

let isDown: boolean;
let written: [string, number][];
beforeEach(() => {
  forgetProcessSingletons();
  isDown = true;
  written = [];
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'], now: 0 });
});
afterEach(() => void vi.useRealTimers());

const write = (name: string) => async (leftMs: number) => {
  if (isDown) throw storeUnavailable();
  written.push([name, leftMs]);
};

describe('a write that the store could not take', () => {
  it('SE-15: fails for its caller, and is done when the store is back, for what is left of its lifetime', async () => {
    await expect(writeOrRetry(60_000, write('first'))).rejects.toEqual(storeUnavailable());
    await expect(writeOrRetry(90_000, write('second'))).rejects.toEqual(storeUnavailable());
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([]);
    isDown = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([
      ['first', 49_000],
      ['second', 79_000],
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toHaveLength(2);
  });

  it('SE-15: is given up when its value would have expired', async () => {
    await expect(writeOrRetry(5_000, write('brief'))).rejects.toEqual(storeUnavailable());
    await expect(writeOrRetry(60_000, write('long'))).rejects.toEqual(storeUnavailable());
    await vi.advanceTimersByTimeAsync(5_000);
    isDown = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([['long', 54_000]]);
  });

  it('SE-15: is not repeated when it failed for another reason, or did not fail', async () => {
    const broken = new AppError('internal_error');
    await expect(writeOrRetry(60_000, () => Promise.reject(broken))).rejects.toBe(broken);
    isDown = false;
    await writeOrRetry(60_000, write('now'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual([['now', 60_000]]);
  });

  it('RL-06: waits with at most 5,000 others; the oldest go first', async () => {
    const late = new LateWrites();
    for (let number = 0; number < 6_000; number += 1) late.add(60_000, write(`write-${number}`));
    expect(late.size).toBe(5_000);
    isDown = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([late.size, written.length, written[0]?.[0]]).toEqual([0, 5_000, 'write-1000']);
  });
});
