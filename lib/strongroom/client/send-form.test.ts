import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isSentByItself, sendForm, whenDue } from './send-form';

const browser = Object.assign(new EventTarget(), { isOnline: true });
beforeEach(() => {
  vi.useFakeTimers();
  browser.isOnline = true;
  vi.stubGlobal('window', browser);
  vi.stubGlobal('navigator', {
    get onLine() {
      return browser.isOnline;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a post without a response', () => {
  it('is sent again after growing pauses, and a bounded number of times', () => {
    const waits: number[] = [];
    for (let tries = 0; isSentByItself(tries); tries += 1) {
      const send = vi.fn();
      const stop = whenDue(tries, send);
      let waitedMs = 0;
      for (; send.mock.calls.length === 0 && waitedMs < 600_000; waitedMs += 1_000)
        vi.advanceTimersByTime(1_000);
      stop();
      waits.push(waitedMs);
    }
    expect(waits.length).toBeGreaterThan(2);
    expect(waits.length).toBeLessThan(10);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(Math.max(...waits)).toBeLessThan(600_000);
  });

  it('waits for the network, also when it is no longer sent by itself', () => {
    browser.isOnline = false;
    for (const tries of [0, 100]) {
      const send = vi.fn();
      whenDue(tries, send);
      vi.advanceTimersByTime(3_600_000);
      expect(send).not.toHaveBeenCalled();
      browser.dispatchEvent(new Event('online'));
      expect(send).toHaveBeenCalledTimes(1);
    }
  });

  it('is not sent after waiting was stopped', () => {
    const send = vi.fn();
    whenDue(0, send)();
    vi.advanceTimersByTime(3_600_000);
    browser.dispatchEvent(new Event('online'));
    expect(send).not.toHaveBeenCalled();
  });

  it('is told from one that the server failed to handle, and a redirect is a response', async () => {
    const reject = (error: Error) => sendForm(() => Promise.reject(error));
    expect(await reject(new TypeError('Failed to fetch'))).toMatchObject({ isFailed: false });
    expect(await reject(Object.assign(new Error('x'), { digest: '123' }))).toMatchObject({ isFailed: true });
    const redirect = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;push;/a;307;' });
    await expect(reject(redirect)).rejects.toBe(redirect);
    expect(await sendForm(async () => 'done')).toEqual({ kind: 'response', state: 'done' });
  });
});
