/** The store of a single instance: bounded, in this process, gone when it ends. */
import { BoundedMap } from '@/lib/base/bounded-map';
import type { Clock } from '@/lib/base/clock';
import type { Store } from './store';

const maxEntries = 20_000;

export function createMemoryStore(clock?: Clock): Store {
  const entries = new BoundedMap<string>(maxEntries, clock);
  return {
    async get(key) {
      return entries.get(key);
    },
    async set(key, value, lifetimeMs) {
      entries.set(key, value, lifetimeMs);
    },
    async claim(key, value, lifetimeMs) {
      if (entries.get(key) !== null) return false;
      entries.set(key, value, lifetimeMs);
      return true;
    },
    async delete(key) {
      entries.delete(key);
    },
  };
}
