/**
 * How many calls to the API one instance may have under way, in all and for one session. When the API stalls,
 * calls beyond the limit fail at once instead of waiting: their pages say so, and signing in, public pages
 * and other users are not held up.
 */
import 'server-only';
import { processSingleton } from '../base/process-singleton';

/** A burst of 200 page views at once is ordinary for one instance (bench/stampede.ts). */
export const maxCallsAtOnce = 500;
export const maxCallsOfOneSession = 100;

/**
 * @param sessionId whose call it is
 * @returns null when there is no place; then the call was not made
 */
export async function callWithinLimit<T>(sessionId: string, call: () => Promise<T>): Promise<T | null> {
  const load = processSingleton('api-load', () => ({ underWay: 0, ofSession: new Map<string, number>() }));
  const own = load.ofSession.get(sessionId) ?? 0;
  if (load.underWay >= maxCallsAtOnce || own >= maxCallsOfOneSession) return null;
  load.underWay += 1;
  load.ofSession.set(sessionId, own + 1);
  try {
    return await call();
  } finally {
    load.underWay -= 1;
    forget(load.ofSession, sessionId);
  }
}

function forget(counts: Map<string, number>, sessionId: string): void {
  const left = (counts.get(sessionId) ?? 1) - 1;
  if (left > 0) counts.set(sessionId, left);
  else counts.delete(sessionId);
}
