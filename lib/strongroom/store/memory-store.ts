/**
 * The store of a single instance: bounded, in this process, gone when it ends. Every kind of entry (what
 * stands before the first colon of its key) has room of its own: a flood of one kind never pushes out
 * another.
 */
import { BoundedMap } from '../base/bounded-map';
import { type Clock, monotonicMs } from '../base/clock';
import type { Store } from './store';

/** Large values have fewer places. */
const maxEntriesOf: Readonly<Record<string, number>> = {
  'refresh-result': 20_000,
  tokens: 4_000,
  hint: 4_000,
  draft: 2_000,
};
const maxEntries = 100_000;

export function createMemoryStore(clock: Clock = monotonicMs): Store {
  const kinds = new Map<string, BoundedMap<string>>();
  const entriesOf = (key: string) => {
    const kind = key.split(':', 1)[0] ?? '';
    const known = kinds.get(kind) ?? new BoundedMap<string>(maxEntriesOf[kind] ?? maxEntries, clock);
    kinds.set(kind, known);
    return known;
  };
  const get = (key: string) => entriesOf(key).get(key);
  const set = (key: string, value: string, lifetimeMs: number) => entriesOf(key).set(key, value, lifetimeMs);
  const claim = (key: string, value: string, lifetimeMs: number) => {
    if (get(key) !== null) return false;
    set(key, value, lifetimeMs);
    return true;
  };
  return {
    get: async (key) => get(key),
    getMany: async (keys) => keys.map(get),
    set: async (key, value, lifetimeMs) => set(key, value, lifetimeMs),
    raise: async (key, number, lifetimeMs) => {
      if (Number(get(key) ?? 0) < number) set(key, String(number), lifetimeMs);
    },
    claim: async (key, value, lifetimeMs) => claim(key, value, lifetimeMs),
    delete: async (key) => entriesOf(key).delete(key),
    shorten: async (key, lifetimeMs) => entriesOf(key).shorten(key, lifetimeMs),
    increment: async (key, lifetimeMs) => {
      if (claim(key, '1', lifetimeMs)) return 1;
      const count = Number(get(key)) + 1;
      entriesOf(key).replace(key, String(count));
      return count;
    },
    lock: async (key, owner, lifetimeMs) => claim(key, owner, lifetimeMs),
    renew: async (key, owner, lifetimeMs) => {
      if ((get(key) ?? owner) !== owner) return false;
      set(key, owner, lifetimeMs);
      return true;
    },
    unlock: async (key, owner) => {
      if (get(key) === owner) entriesOf(key).delete(key);
    },
    untilReplicated: (_key, write) => write().then(() => true),
    isReachable: async () => true,
    takesWrites: async () => true,
    close: async () => kinds.clear(),
  };
}
