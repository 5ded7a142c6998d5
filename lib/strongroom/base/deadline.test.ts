import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDeadline, waitAtMost } from './deadline';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a deadline', () => {
  it('is not reached by work that ends first, and leaves no timer', async () => {
    expect(await waitAtMost(1_000, Promise.resolve('done'), 'late')).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('SE-08: is reached by work that goes on', async () => {
    const waited = waitAtMost(1_000, new Promise<string>(() => {}), 'late');
    vi.advanceTimersByTime(1_000);
    expect(await waited).toBe('late');
  });

  it('hands on a failure, and leaves no timer', async () => {
    await expect(waitAtMost(1_000, Promise.reject(new Error('down')), 'late')).rejects.toThrow('down');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a deadline of work that can be aborted', () => {
  it('aborts the signal when its time is over', () => {
    const { signal } = startDeadline(1_000);
    vi.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('leaves no timer once it is cleared, and is never reached', () => {
    const { signal, clear } = startDeadline(1_000);
    clear();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(signal.aborted).toBe(false);
  });
});
