import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLogLevel } from '../../base/log';
import { currentStore } from '../../store/current-store';
import { useEnvironment } from '../../testing/environment';
import { noonSec } from '../../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../../testing/watched-store';
import { withRefreshLock } from './refresh-lock';

let store: WatchedStore;
beforeEach(() => {
  useEnvironment();
  setLogLevel('silent');
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const never = async () => false;
const isFree = () => currentStore().lock('lock:key', 'somebody', 1);

/** Resolves when the lock was asked for so many times more. */
function transactions(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  store.before = (method) => {
    if (method === 'lock') left -= 1;
    if (left <= 0) resolve();
  };
  return promise;
}

/** Work under the lock that goes on until the test ends it. */
function holdLock() {
  const { promise, resolve: finish, reject: fail } = Promise.withResolvers<string>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const outcome = withRefreshLock('key', never, () => {
    start();
    return promise;
  });
  return { started, finish, fail, outcome };
}

describe('the lock for one refresh', () => {
  it('gives what the work gives, and is free again', async () => {
    expect(await withRefreshLock('key', never, async () => 'done')).toBe('done');
    expect(await isFree()).toBe(true);
  });

  it('is free again after work that failed', async () => {
    const fail = () => Promise.reject(new Error('broken'));
    await expect(withRefreshLock('key', never, fail)).rejects.toThrow('broken');
    expect(await isFree()).toBe(true);
  });

  it('RF-03: tells its holder when somebody else has it by now', async () => {
    const seen = await withRefreshLock('key', never, async (isMine) => {
      const before = await isMine();
      await currentStore().delete('lock:key');
      await currentStore().lock('lock:key', 'somebody', 60_000);
      return [before, await isMine()];
    });
    expect(seen).toEqual([true, false]);
  });

  it('RF-03: the second waits, and does nothing when the first has settled it', async () => {
    const first = holdLock();
    await first.started;
    let isSettled = false;
    const waited = transactions(2);
    const second = withRefreshLock('key', async () => isSettled, never);
    await waited;
    isSettled = true;
    expect(await second).toBeNull();
    first.finish('done');
    expect(await first.outcome).toBe('done');
  });

  it('RF-03: the second has its turn when the first settled nothing', async () => {
    const first = holdLock();
    await first.started;
    const waited = transactions(1);
    const second = withRefreshLock('key', never, async () => 'second');
    await waited;
    first.finish('first');
    expect([await first.outcome, await second]).toEqual(['first', 'second']);
  });

  it('RF-05: another key has another lock', async () => {
    const first = holdLock();
    await first.started;
    expect(await withRefreshLock('other', never, async () => 'done')).toBe('done');
    first.finish('done');
    await first.outcome;
  });
});

describe('the life of the lock', () => {
  it('RF-03: work of a minute keeps it, by renewing it', async () => {
    const first = holdLock();
    await first.started;
    for (let passedMs = 0; passedMs < 60_000; passedMs += 499) {
      await vi.advanceTimersByTimeAsync(499);
      expect(await isFree()).toBe(false);
    }
    first.finish('done');
    await first.outcome;
    expect(await isFree()).toBe(true);
  });

  it('RF-03: a store that forgot it gets it back from whoever holds it', async () => {
    const first = holdLock();
    await first.started;
    await currentStore().delete('lock:key');
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await isFree()).toBe(false);
    first.finish('done');
    await first.outcome;
  });

  it('RF-03: nothing is renewed once the work is done', async () => {
    await withRefreshLock('key', never, async () => 'done');
    store.calls.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.calls).toEqual([]);
  });

  it('RF-03: that of an instance that died ends after six seconds, and the next one takes over', async () => {
    await currentStore().lock('lock:key', 'the dead', 6_000);
    const waited = transactions(2);
    const next = withRefreshLock('key', never, async () => 'taken over');
    await waited;
    vi.setSystemTime(noonSec * 1000 + 5_999);
    await transactions(2);
    expect(store.calls.some((call) => call.startsWith('unlock'))).toBe(false);
    vi.setSystemTime(noonSec * 1000 + 6_000);
    expect(await next).toBe('taken over');
  });

  it('RF-03: whoever was thought dead does not take the lock from the next one', async () => {
    const first = holdLock();
    await first.started;
    await currentStore().delete('lock:key');
    await currentStore().lock('lock:key', 'the next', 6_000);
    await vi.advanceTimersByTimeAsync(1_500);
    first.finish('late');
    expect(await first.outcome).toBe('late');
    expect(await isFree()).toBe(false);
  });
});

describe('the lock while the store does not answer', () => {
  it('SE-15: is not had: nothing is done', async () => {
    store.goAway();
    let isDone = false;
    const work = async () => {
      isDone = true;
    };
    await expect(withRefreshLock('key', never, work)).rejects.toEqual(storeUnavailable());
    expect(isDone).toBe(false);
  });

  it('SE-15: is not given up: the work that is under way counts', async () => {
    const first = holdLock();
    await first.started;
    store.goAway();
    await vi.advanceTimersByTimeAsync(3_000);
    first.finish('done');
    expect(await first.outcome).toBe('done');
  });
});
