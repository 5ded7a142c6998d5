/** The store that this process uses: Redis where it is configured, else its own memory. */
import 'server-only';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { keyPrefix } from './key-prefix';
import { createMemoryStore } from './memory-store';
import type { Store } from './store';

const opened = () => processSingleton<{ store: Store | null }>('store', () => ({ store: null }));

/** At the start. What connects to Redis is loaded only where Redis is configured: it takes a tenth of the memory. */
export async function openStore(): Promise<void> {
  const { redisUrl, redisIdentity, appUrl } = getConfig();
  if (redisUrl === null) return;
  const { createRedisStore } = await import('./redis-store');
  opened().store ??= createRedisStore(redisUrl, keyPrefix(appUrl), redisIdentity);
}

/** @throws Error where Redis is configured and the store is not open yet, which is before any request */
export function currentStore(): Store {
  const held = opened();
  if (held.store === null && getConfig().redisUrl !== null) throw new Error('The store is not open yet.');
  held.store ??= createMemoryStore();
  return held.store;
}
