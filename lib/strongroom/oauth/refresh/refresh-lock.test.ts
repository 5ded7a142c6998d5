import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLogLevel } from '../../base/log';
import { currentStore } from '../../store/current-store';
import { useEnvironment } from '../../testing/environment';
import { noonSec } from '../../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../../testing/watched-store';
import { RefreshLock } from './refresh-lock';

let store: WatchedStore;
let held: RefreshLock;
beforeEach(async () => {
  useEnvironment();
  setLogLevel('silent');
  store = watchStore();
  const toFake = ['Date', 'performance', 'setInterval', 'clearInterval'] as const;
  vi.useFakeTimers({ toFake: [...toFake], now: noonSec * 1000 });
  held = new RefreshLock('key');
  await held.acquire();
});
afterEach(async () => {
  store.comeBack();
  await held.release();
  vi.useRealTimers();
});

const acquireElsewhere = (key = 'key') => currentStore().lock(`lock:${key}`, 'another instance', 6_000);
/** As when Redis was emptied. */
const loseLock = () => currentStore().delete('lock:key');

describe('the lock of a refresh token', () => {
  it('RF-03: while one instance holds it, no other acquires it', async () => {
    expect(await acquireElsewhere()).toBe(false);
    expect(await new RefreshLock('key').acquire()).toBe(false);
    expect(await held.isHeld()).toBe(true);
  });

  it('RF-03: after its release, another instance acquires it', async () => {
    await held.release();
    expect(await acquireElsewhere()).toBe(true);
  });

  it('RF-05: another refresh token has another lock', async () => {
    expect(await acquireElsewhere('other')).toBe(true);
  });

  it('RF-03: a holder that lost it to another instance learns that before it sends', async () => {
    await loseLock();
    await acquireElsewhere();
    expect(await held.isHeld()).toBe(false);
  });

  it('RF-03: a holder that lost it to another instance does not release that instance’s lock', async () => {
    await loseLock();
    await acquireElsewhere();
    await held.release();
    expect(await new RefreshLock('key').acquire()).toBe(false);
  });
});

describe('the lifetime of the lock', () => {
  it('RF-03: a request of a minute keeps the lock all the time', async () => {
    for (let passedMs = 0; passedMs < 60_000; passedMs += 499) {
      await vi.advanceTimersByTimeAsync(499);
      expect(await acquireElsewhere()).toBe(false);
    }
  });

  it('RF-03: a lock that the store lost is back within half a second', async () => {
    await loseLock();
    await vi.advanceTimersByTimeAsync(500);
    expect(await acquireElsewhere()).toBe(false);
  });

  it('RF-03: a released lock is not renewed', async () => {
    await held.release();
    store.calls.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.calls).toEqual([]);
  });

  it('RF-03: the lock of an instance that died expires after six seconds', async () => {
    await held.release();
    await acquireElsewhere();
    const next = new RefreshLock('key');
    vi.advanceTimersByTime(5_999);
    expect(await next.acquire()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await next.acquire()).toBe(true);
    await next.release();
  });
});

describe('the lock while the store does not respond', () => {
  it('SE-15: cannot be acquired', async () => {
    store.goAway();
    await expect(new RefreshLock('other').acquire()).rejects.toEqual(storeUnavailable());
  });

  it('SE-15: neither a failed renewal nor a failed release throws, and the lock is renewed afterwards', async () => {
    store.goAway();
    await vi.advanceTimersByTimeAsync(3_000);
    store.comeBack();
    await vi.advanceTimersByTimeAsync(500);
    expect(await acquireElsewhere()).toBe(false);
    store.goAway();
    await expect(held.release()).resolves.toBeUndefined();
  });
});
