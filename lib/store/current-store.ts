/** The store that this process uses. */
import 'server-only';
import { keepInProcess } from '@/lib/base/process-memory';
import { createMemoryStore } from './memory-store';
import type { Store } from './store';

export function currentStore(): Store {
  return keepInProcess('store', () => createMemoryStore());
}
