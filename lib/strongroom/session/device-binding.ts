/**
 * Whether a session is bound to a device, and whether its request proves it. That it is bound stands in two
 * places. The store has it at once, also for copies of the session cookie that are older than the binding: a
 * session that was bound once is never unbound again. The session cookie has it from the next time that it is
 * written, so it outlives a restart and the loss of the store.
 */
import 'server-only';
import { nowMs, nowSec } from '../base/clock';
import { logFailure, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { queryStore, type StoreQuery } from '../store/store-query';
import { findBoundCookieFault } from './bound-cookie';
import type { CookieJar } from './cookie-jar';
import type { RejectedSession } from './loaded-session';
import { type Revocation, sessionKey } from './revocation-keys';
import { buildRevocationQuery } from './revocations';
import type { SealedSession } from './session';
import { pseudonymOf } from './user-pseudonym';

/** Requests that left the browser before it was bound still arrive. */
const bindingGraceSec = 30;
/** A browser that can registers within moments of the sign-in. */
const requiredGraceMs = 60_000;

/** Browsers bind over https alone. */
export function isBindingOn(): boolean {
  const { isHttps, sessionBinding } = getConfig();
  return isHttps && sessionBinding !== 'off';
}

/**
 * What the store knows of a session, in one trip: its revocation, and its binding. @throws AppError `store_unavailable`
 */
export async function readRecords<S extends SealedSession>(
  session: S,
): Promise<{ revocation: Revocation | null; session: S }> {
  const [records] = await queryStore(buildRecordsQuery(session));
  return records;
}

type Records<S> = { revocation: Revocation | null; session: S };

/**
 * The session with its binding if its cookie is older than that, and with whether a copy was tried. What this process
 * revoked is revoked while the store is away too, so nothing more is asked then.
 */
export function buildRecordsQuery<S extends SealedSession>(session: S): StoreQuery<Records<S>> {
  const { keys, read } = buildRevocationQuery(session);
  const noteKeys =
    isBindingOn() && keys.length > 0
      ? [session.binding === null ? boundKey(session.id) : copiedKey(session.id)]
      : [];
  return {
    keys: [...keys, ...noteKeys],
    read: async (values) => {
      const note = values[keys.length] ?? null;
      const revocation = await read(values.slice(0, keys.length));
      return { revocation, session: note === null ? session : withNote(session, Number(note)) };
    },
  };
}

function withNote<S extends SealedSession>(session: S, atSec: number): S {
  const { binding } = session;
  const known =
    binding === null ? { boundAtSec: atSec, copiedAtSec: null } : { ...binding, copiedAtSec: atSec };
  return { ...session, binding: known };
}

/** As the cookie has it; with SESSION_BINDING=off bound sessions go on like any other. */
export function withoutBindingIfOff<S extends SealedSession>(session: S): S {
  return session.binding === null || isBindingOn() ? session : { ...session, binding: null };
}

type Identified = Pick<SealedSession, 'id' | 'endsAtSec'>;

/**
 * The first browser that registers for a session is the one that it is bound to.
 * @returns false when it was bound before. @throws AppError `store_unavailable`
 */
export function bindSession({ id, endsAtSec }: Identified): Promise<boolean> {
  return currentStore().claim(boundKey(id), String(nowSec()), leftMs(endsAtSec));
}

/**
 * After each proof: a store that has lost its data knows again that the session is bound, for copies of its cookie
 * that are older than that. They have had their grace.
 */
export async function bindAgain({ id, endsAtSec }: Identified): Promise<void> {
  const boundAt = String(nowSec() - bindingGraceSec);
  await currentStore()
    .claim(boundKey(id), boundAt, leftMs(endsAtSec))
    .catch(() => false);
}

/**
 * Whether this very session was signed out or replaced: all that can be asked without its cookie.
 * @throws AppError `store_unavailable`, unless `REVOCATION_CHECK=open` lets sessions go on
 */
export async function isRevokedOrReplaced(id: string): Promise<boolean> {
  const revocation = currentStore().get(sessionKey(id));
  return (
    (await (getConfig().revocationCheck === 'open' ? revocation.catch(() => null) : revocation)) !== null
  );
}

/** Null when the request may use the session. */
export function findUnproven(jar: Pick<CookieJar, 'read'>, session: SealedSession): RejectedSession | null {
  if (!isBindingOn()) return null;
  const { binding, startedAtMs } = session;
  if (binding === null) {
    const isDue = getConfig().sessionBinding === 'require' && startedAtMs + requiredGraceMs <= nowMs();
    return isDue ? { kind: 'unproven', reason: 'device_required', session } : null;
  }
  const graceSec = Math.min(bindingGraceSec, getConfig().bindingLifetimeSec);
  if (nowSec() < binding.boundAtSec + graceSec) return null;
  const fault = findBoundCookieFault(jar, session.id);
  return fault === null ? null : { kind: 'unproven', reason: 'device_not_proven', fault, session };
}

/** For the user's own session page, once for each session. Never throws. */
export async function noteCopyTried({
  fault,
  session,
}: Extract<RejectedSession, { kind: 'unproven' }>): Promise<void> {
  if (fault === undefined) return;
  const told = { of: 'session', reason: fault, userPseudonym: pseudonymOf(session.user) };
  try {
    const isFirst = await currentStore().claim(
      copiedKey(session.id),
      String(nowSec()),
      leftMs(session.endsAtSec),
    );
    if (isFirst) logWarning('device_rejected', told);
  } catch (error) {
    logFailure('device_rejected', error, told);
  }
}

function leftMs(endsAtSec: number): number {
  return Math.max(1_000, endsAtSec * 1000 - nowMs());
}

function boundKey(id: string): string {
  return `bound:${id}`;
}

function copiedKey(id: string): string {
  return `copied:${id}`;
}
