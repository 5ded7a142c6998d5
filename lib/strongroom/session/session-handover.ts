/**
 * What stands before a page has loaded the session of a request when the page of the same request asks for it. This
 * hands the result over inside of the process, so that one page view costs one load. It belongs to the request that
 * the running code works for: no browser can name it. It is good for one use.
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { type CurrentRequest, currentRequest } from '../base/current-request';
import { processSingleton } from '../base/process-singleton';
import type { LoadedSession } from './loaded-session';

/** A page that asks later than this loads its session again. */
const keptMs = 10_000;

type HandedOver = { loaded: LoadedSession; untilMs: number };

/** For the page of the current request. */
export function handOverSession(loaded: LoadedSession): void {
  const request = currentRequest();
  if (request !== null) kept().set(request, { loaded, untilMs: monotonicMs() + keptMs });
}

/** What was loaded for the current request; null when there is nothing, or it was taken before. */
export function takeHandedOver(): LoadedSession | null {
  const request = currentRequest();
  if (request === null) return null;
  const found = kept().get(request);
  kept().delete(request);
  return found !== undefined && monotonicMs() < found.untilMs ? found.loaded : null;
}

function kept(): WeakMap<CurrentRequest, HandedOver> {
  return processSingleton('session-handover', () => new WeakMap<CurrentRequest, HandedOver>());
}
