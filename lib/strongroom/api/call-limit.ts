/**
 * How many calls to an API one instance may have under way, in all and for one user, however many sessions
 * that user has. When the API stalls, calls beyond the limit fail at once instead of waiting: their pages say
 * so, and signing in, public pages, other users and other APIs are not held up.
 */
import 'server-only';
import { processSingleton } from '../base/process-singleton';
import { getApi } from '../config/config';
import type { User } from '../session/session';
import type { ApiSession } from './api-session';

/** A burst of 200 page views at once is ordinary for one instance (bench/stampede.ts). */
export const maxCallsAtOnce = 500;
export const maxCallsOfOneUser = 100;

type Call = Pick<ApiSession, 'api'> & { user: Pick<User, 'issuer' | 'subject'> };

/**
 * @param session whose call it is, and to which API
 * @returns null when there is no place; then the call was not made
 */
export async function callWithinLimit<T>(
  { user: { issuer, subject }, api = getApi() }: Call,
  call: () => Promise<T>,
): Promise<T | null> {
  const load = processSingleton(`api-load.${api.name}`, () => ({
    underWay: 0,
    ofUser: new Map<string, number>(),
  }));
  const user = `${issuer}\n${subject}`;
  const own = load.ofUser.get(user) ?? 0;
  if (load.underWay >= maxCallsAtOnce || own >= maxCallsOfOneUser) return null;
  load.underWay += 1;
  load.ofUser.set(user, own + 1);
  try {
    return await call();
  } finally {
    load.underWay -= 1;
    forget(load.ofUser, user);
  }
}

function forget(counts: Map<string, number>, user: string): void {
  const left = (counts.get(user) ?? 1) - 1;
  if (left > 0) counts.set(user, left);
  else counts.delete(user);
}
