/**
 * How many calls to the API one instance has under way, in all and for one session. When the API stalls, calls beyond the limit get no place
 * and no time: their pages say so at once, and signing in, public pages and other people go on as ever.
 */
import 'server-only';
import { processSingleton } from '../base/process-singleton';

/** A burst of 200 page views at once is ordinary for one instance (bench/stampede.ts). */
export const maxCallsAtOnce = 500;
export const maxCallsOfOneSession = 100;

/**
 * @param owner id of the session; null for calls of nobody
 * @returns null when there is no place: nothing was done
 */
export async function callWithinLimit<T>(owner: string | null, call: () => Promise<T>): Promise<T | null> {
  const load = processSingleton('api-load', () => ({ underWay: 0, of: new Map<string, number>() }));
  const own = owner === null ? 0 : (load.of.get(owner) ?? 0);
  if (load.underWay >= maxCallsAtOnce || own >= maxCallsOfOneSession) return null;
  load.underWay += 1;
  if (owner !== null) load.of.set(owner, own + 1);
  try {
    return await call();
  } finally {
    load.underWay -= 1;
    if (owner !== null) forget(load.of, owner);
  }
}

function forget(counts: Map<string, number>, owner: string): void {
  const left = (counts.get(owner) ?? 1) - 1;
  if (left > 0) counts.set(owner, left);
  else counts.delete(owner);
}
