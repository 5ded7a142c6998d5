/**
 * Sessions that are over before their time, for everybody who holds a copy of their cookie: one session, all of a person, or all of one
 * session at the authorization server. Kept until the sessions would have ended by themselves.
 */
import 'server-only';
import { nowMs } from '@/lib/base/clock';
import { getConfig } from '@/lib/config/config';
import { currentStore } from '@/lib/store/current-store';
import {
  type Ending,
  type EndingReason,
  providerKey,
  readEnding,
  readUserEnding,
  sessionKey,
  userKey,
  writeEnding,
} from './ending-keys';
import type { SealedSession, User } from './session';

type Identified = Pick<SealedSession, 'id' | 'user' | 'startedAtMs' | 'endsAtSec' | 'providerSessionId'>;

/** How long requests with the replaced session's cookie are still answered. */
const replacedGraceMs = 60_000;

export async function endSession({ id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  const ending: Ending = { reason: 'signed_out', fromMs: nowMs() };
  await keepEnding(sessionKey(id), ending, endsAtSec * 1000 - nowMs());
}

/** A new sign-in of the same person took its place in this browser: it writes no cookie from now on, and is over in a minute. */
export async function replaceSession({ id, endsAtSec }: Pick<Identified, 'id' | 'endsAtSec'>): Promise<void> {
  const ending = writeEnding({ reason: 'replaced', fromMs: nowMs() + replacedGraceMs });
  // Never in the place of an ending that holds already.
  await currentStore().claim(sessionKey(id), ending, Math.max(1_000, endsAtSec * 1000 - nowMs()));
}

/** Ends what the person began up to `untilMs`, wherever it is. A later call never shortens an earlier one. */
export async function endUserSessions(
  user: Pick<User, 'issuer' | 'subject'>,
  untilMs: number,
): Promise<void> {
  const lifetimeMs = getConfig().sessionLifetimeSec * 1000;
  await currentStore().raise(userKey(user.issuer, user.subject), untilMs, lifetimeMs);
}

/** Ends whatever hangs on one session at the authorization server, also a sign-in that is on its way. @see OIDC Back-Channel Logout §2.7 */
export async function endProviderSession(issuer: string, providerSessionId: string): Promise<void> {
  const ending: Ending = { reason: 'back_channel', fromMs: nowMs() };
  await keepEnding(providerKey(issuer, providerSessionId), ending);
}

/** What ends this session, or null. One trip to the store. @throws AppError `store_down` */
export async function findEnding(session: Identified): Promise<Ending | null> {
  const { id, user, startedAtMs, providerSessionId } = session;
  const { sessionsNotBeforeMs } = getConfig();
  if (sessionsNotBeforeMs !== null && startedAtMs < sessionsNotBeforeMs)
    return { reason: 'not_before', fromMs: sessionsNotBeforeMs };
  const keys = [sessionKey(id), userKey(user.issuer, user.subject)];
  if (providerSessionId !== null) keys.push(providerKey(user.issuer, providerSessionId));
  const judge = ([own, everywhere, there]: readonly (string | null)[]) => {
    const endings = [readEnding(own), readUserEnding(everywhere, startedAtMs), readEnding(there)].filter(
      (ending) => ending !== null,
    );
    // One that holds already goes before one that lies ahead.
    return endings.find((ending) => isOver(ending)) ?? endings[0] ?? null;
  };
  return judge(
    await currentStore()
      .getMany(keys)
      .catch((error: unknown) => recallEndings(keys, judge, error)),
  );
}

/** While the store is away, this instance still knows what it ended itself. That may say "over", and never "not over". */
async function recallEndings(
  keys: readonly string[],
  judge: (values: readonly (string | null)[]) => Ending | null,
  error: unknown,
): Promise<(string | null)[]> {
  const known = await Promise.all(
    keys.map((key) =>
      currentStore()
        .get(key)
        .catch(() => null),
    ),
  );
  if (isOver(judge(known))) return known;
  throw error;
}

/** These were true when they were written: a clock that goes back, or that of another instance, makes nobody come to life again. */
const immediate: ReadonlySet<EndingReason> = new Set(['signed_out', 'person_ended', 'back_channel']);

export function isOver(ending: Ending | null, atMs: number = nowMs()): boolean {
  return ending !== null && (immediate.has(ending.reason) || ending.fromMs <= atMs);
}

/** No session lives longer than the configuration says, so nothing has to be remembered for longer. */
async function keepEnding(key: string, ending: Ending, lifetimeMs?: number): Promise<void> {
  const longestMs = getConfig().sessionLifetimeSec * 1000;
  await currentStore().set(key, writeEnding(ending), Math.max(1_000, lifetimeMs ?? longestMs));
}
