/** Stores with a Redis of the test, all of which are closed at its end. Test support only. */
import { createRedisStore } from '../store/redis-store';
import type { Store } from '../store/store';
import { appErrorOf } from './expect-app-error';

const open: Store[] = [];

/** Whether it reaches a server or not. */
export function openRedisStore(url: string): Store {
  const store = createRedisStore(url, 'test:');
  open.push(store);
  return store;
}

export async function closeRedisStores(): Promise<void> {
  await Promise.all(open.splice(0).map((store) => store.close()));
}

export const codeOfFailure = async (work: () => Promise<unknown>) => (await appErrorOf(work)).code;
