/**
 * Several instances of the application in one process: each has its own refreshes in flight and back-off, and
 * all share the store. Test support only.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RefreshBackOff } from '../oauth/refresh/back-off';
import { SingleFlight } from '../store/single-flight';

type Memory = Record<string, unknown>;

/** Runs `work`, and whatever it starts, as one instance. */
export type Instance = <T>(work: () => Promise<T>) => Promise<T>;

/** Call it after `useEnvironment`, which forgets everything. Outside of an instance is one more. */
export function createInstances(count: number): Instance[] {
  const current = new AsyncLocalStorage<Memory>();
  const outside = startMemory();
  for (const name of Object.keys(outside))
    Object.defineProperty(globalThis, Symbol.for(`strongroom.${name}`), {
      configurable: true,
      get: () => (current.getStore() ?? outside)[name],
    });
  return Array.from({ length: count }, () => {
    const memory = startMemory();
    return (work) => current.run(memory, work);
  });
}

/** What refreshing keeps for each instance by itself, by its name in the memory of the process. */
function startMemory(): Memory {
  return { 'refresh-flights': new SingleFlight<unknown>(), 'refresh-back-off': new RefreshBackOff() };
}
