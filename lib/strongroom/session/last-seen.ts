/**
 * When a person was last here: a small sealed cookie of its own, bound to the session by its id. The session's cookie holds tokens and is
 * written by sign-in and refresh alone, so noting activity can never put older tokens in the place of newer ones.
 */
import 'server-only';
import { z } from 'zod';
import { nowSec } from '../base/clock';
import { getConfig } from '../config/config';
import { lastSeenCookieName } from './cookies';
import {
  type CookieJar,
  describeCookie,
  readSealText,
  removeSealedCookie,
  type SealedCookie,
  writeSealedCookie,
} from './seal';
import type { SealedSession } from './session';
import { fitTransactions } from './sign-in-transaction';
import { openOnce } from './unsealed-cache';

const lastSeenSchema = z.object({ id: z.string(), atSec: z.number().int() });

type Known = Pick<SealedSession, 'id' | 'lastSeenAtSec'>;

/** Seconds since the epoch: the session's own time, or a later one that this browser's cookie proves. */
export async function readLastSeen(jar: Pick<CookieJar, 'read'>, session: Known): Promise<number> {
  const { name, purpose, lifetimeSec } = lastSeenCookie();
  const parse = (data: unknown) => lastSeenSchema.safeParse(data).data ?? null;
  const noted = await openOnce(purpose, readSealText(jar, name), { lifetimeSec, parse });
  return noted?.id === session.id ? Math.max(noted.atSec, session.lastSeenAtSec) : session.lastSeenAtSec;
}

/** Whether the person has been away for too long. */
export async function isIdle(jar: Pick<CookieJar, 'read'>, session: Known): Promise<boolean> {
  return (await readLastSeen(jar, session)) + getConfig().sessionIdleSec <= nowSec();
}

/**
 * Notes that the person is here, if the last note is old enough: a twentieth of the idle time, at most five minutes.
 * @param isForm a form was sent: its answer gets a cookie only when it must, because Next then fetches the whole page again
 */
export async function noteLastSeen(jar: CookieJar, session: Known, isForm: boolean): Promise<void> {
  const { sessionIdleSec } = getConfig();
  const pauseSec = isForm ? sessionIdleSec / 2 : Math.min(300, sessionIdleSec / 20);
  const atSec = nowSec();
  if ((await readLastSeen(jar, session)) + pauseSec > atSec) return;
  await writeSealedCookie(jar, lastSeenCookie(), { id: session.id, atSec });
  await fitTransactions(jar);
}

export async function removeLastSeen(jar: CookieJar): Promise<void> {
  if (readSealText(jar, lastSeenCookie().name) !== '') await removeSealedCookie(jar, lastSeenCookie());
}

function lastSeenCookie(): SealedCookie {
  return describeCookie('last_seen', lastSeenCookieName, getConfig().sessionIdleSec);
}
