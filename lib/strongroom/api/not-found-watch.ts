/**
 * Notices an API that has responded with nothing but 404 since the start: then its base address is wrong, and every
 * page says that there is nothing.
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import type { Api } from '../config/apis';
import { getApi } from '../config/config';

const warnEveryMs = 60_000;
/** One thing that is missing is none of it. */
const minResponses = 3;

type Watch = { isOver: boolean; responses: number; warnedAtMs: number };

export function noteApiStatus(status: number, { name, variable }: Api = getApi()): void {
  const watches = processSingleton('api-not-found', () => new Map<string, Watch>());
  const watch = watches.get(name) ?? { isOver: false, responses: 0, warnedAtMs: -warnEveryMs };
  watches.set(name, watch);
  if (watch.isOver) return;
  if (status !== 404) {
    watch.isOver = true;
    return;
  }
  watch.responses += 1;
  if (watch.responses < minResponses || monotonicMs() - watch.warnedAtMs < warnEveryMs) return;
  watch.warnedAtMs = monotonicMs();
  logWarning('api_only_not_found', { responses: watch.responses, variable });
}
