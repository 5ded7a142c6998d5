/**
 * Whether the store as a whole responds: it is lost with the first node that does not, and back with the
 * last one that does again. One line in the log for each.
 */
import 'server-only';
import { describeCauses, logEvent, logWarning } from '../base/log';
import type { NodeWatcher } from './redis-node';

export type StoreWatch = NodeWatcher & {
  /** Counts as away until it is back, but is no loss before it has failed. */
  expect(name: string): void;
  /** It has no part in the store any more. */
  forget(name: string): void;
};

export function watchStore(): StoreWatch {
  const away = new Set<string>();
  let state: 'starting' | 'up' | 'lost' = 'starting';
  function settle(): void {
    if (away.size > 0 || state === 'up') return;
    state = 'up';
    logEvent('store_back');
  }
  return {
    expect: (name) => void away.add(name),
    lost(name, reason, error) {
      away.add(name);
      if (state !== 'lost') logWarning('store_lost', { reason, causes: describeCauses(error) });
      state = 'lost';
    },
    back(name) {
      away.delete(name);
      settle();
    },
    forget(name) {
      if (away.delete(name) && state === 'lost') settle();
    },
  };
}
