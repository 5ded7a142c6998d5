/**
 * How many calls to the API one instance has under way. When the API stalls, calls beyond the limit get no place and no time: their pages say
 * so at once, and signing in and public pages go on as ever.
 */
import 'server-only';
import { keepInProcess } from '@/lib/base/process-memory';

export const maxCallsAtOnce = 200;

/** @returns null when all places are taken: nothing was done */
export async function callWithinLimit<T>(call: () => Promise<T>): Promise<T | null> {
  const load = keepInProcess('api-load', () => ({ underWay: 0 }));
  if (load.underWay >= maxCallsAtOnce) return null;
  load.underWay += 1;
  try {
    return await call();
  } finally {
    load.underWay -= 1;
  }
}
