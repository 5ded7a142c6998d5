/**
 * When the user was last seen: a small sealed cookie of its own, bound to the session by its id. The session
 * cookie holds tokens and is written by sign-in and refresh alone, so noting a visit can never put older
 * tokens in the place of newer ones.
 */
import 'server-only';
import { z } from 'zod';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import type { CookieJar } from './cookie-jar';
import { lastSeenCookieName } from './cookies';
import {
  describeCookie,
  openSealedCookie,
  removeSealedCookie,
  type SealedCookie,
  writeSealedCookie,
} from './sealed-cookie';
import type { SealedSession } from './session';

const lastSeenSchema = z.object({ id: z.string(), atSec: z.number().int() });

type Seen = Pick<SealedSession, 'id' | 'lastSeenAtSec'>;

/** Seconds since the epoch: the session's own time, or a later one that this browser's cookie proves. */
export async function readLastSeen(jar: Pick<CookieJar, 'read'>, session: Seen): Promise<number> {
  const parse = (data: unknown) => lastSeenSchema.safeParse(data).data ?? null;
  const noted = await openSealedCookie(jar, lastSeenCookie(), parse);
  if (noted?.kind !== 'opened' || noted.value.id !== session.id) return session.lastSeenAtSec;
  return Math.max(noted.value.atSec, session.lastSeenAtSec);
}

/** Whether the user has been away for too long. `inspectSession` has read the cookie into `lastSeenAtSec`. */
export function isIdle({ lastSeenAtSec }: Pick<Seen, 'lastSeenAtSec'>): boolean {
  return lastSeenAtSec + getConfig().sessionIdleSec <= nowSec();
}

/**
 * Notes that the user is here, if the last note is old enough: a twentieth of the idle time, at most five
 * minutes.
 * @param session as `loadSession` returned it
 * @param isForm a form was sent: noted only after half of the idle time, because a `Set-Cookie` in the response of
 *   a server action makes Next fetch the whole page again
 */
export async function noteLastSeen(jar: CookieJar, session: Seen, isForm: boolean): Promise<void> {
  const { sessionIdleSec } = getConfig();
  const pauseSec = isForm ? sessionIdleSec / 2 : Math.min(300, sessionIdleSec / 20);
  const atSec = nowSec();
  if (session.lastSeenAtSec + pauseSec > atSec) return;
  await writeSealedCookie(jar, lastSeenCookie(), { id: session.id, atSec });
}

export function removeLastSeen(jar: CookieJar): void {
  removeSealedCookie(jar, lastSeenCookie());
}

function lastSeenCookie(): SealedCookie {
  return describeCookie('last_seen', lastSeenCookieName, getConfig().sessionIdleSec);
}
