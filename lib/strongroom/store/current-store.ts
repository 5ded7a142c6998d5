/** The store that this process uses: Redis where it is configured, else its own memory. */
import 'server-only';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { keyPrefix } from './key-prefix';
import { createMemoryStore } from './memory-store';
import { createRedisStore } from './redis-store';
import type { Store } from './store';

export function currentStore(): Store {
  return processSingleton('store', () => {
    const { redisUrl, redisIdentity, appUrl } = getConfig();
    return redisUrl === null
      ? createMemoryStore()
      : createRedisStore(redisUrl, keyPrefix(appUrl), redisIdentity);
  });
}
