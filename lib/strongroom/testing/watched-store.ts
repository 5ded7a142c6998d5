/**
 * The store of a test: it notes what it is asked, and can be away, fail, or make its callers wait. Test
 * support only.
 */
import { AppError } from '../base/errors';
import { createMemoryStore } from '../store/memory-store';
import type { Store } from '../store/store';

export type WatchedStore = {
  /** Every call, in order: "get refresh-result:…". */
  calls: string[];
  /** Runs before each call: what it throws the store throws, and while it waits the store waits. */
  before: ((method: string, key: string) => unknown) | null;
  /** From now on the store does not respond, or only to calls that `isMeant` does not pick. */
  goAway(isMeant?: (method: string, key: string) => boolean): void;
  comeBack(): void;
};

/**
 * A memory store under watch, which this process uses from now on. Call it after `useEnvironment`, which
 * forgets everything.
 */
export function watchStore(): WatchedStore {
  const watched: WatchedStore = {
    calls: [],
    before: null,
    goAway: (isMeant = () => true) => {
      watched.before = (method, key) => {
        if (isMeant(method, key)) throw storeUnavailable();
      };
    },
    comeBack: () => {
      watched.before = null;
    },
  };
  const shared = globalThis as { [key: symbol]: unknown };
  shared[Symbol.for('strongroom.store')] = { store: watch(createMemoryStore(), watched) };
  return watched;
}

/** What every method of a store throws that does not respond. */
export function storeUnavailable(): AppError {
  return new AppError('store_unavailable', { reason: 'store_timeout' });
}

function watch(store: Store, watched: WatchedStore): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...parameters: unknown[]) => {
        watched.calls.push(`${String(name)} ${parameters[0]}`);
        await watched.before?.(String(name), String(parameters[0]));
        return member(...parameters);
      };
    },
  });
}
