/**
 * Whether a session is bound to a device, and whether its request proves it. A binding is in two places. The
 * session cookie has it, so it outlives a restart and the loss of the store. The store has it too, for copies
 * of the cookie that are older than the binding: a session that was bound once is never unbound again.
 */
import 'server-only';
import { nowMs, nowSec } from '../base/clock';
import { logFailure, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { findBoundCookieFault } from './bound-cookie';
import type { CookieJar } from './cookie-jar';
import type { RejectedSession } from './loaded-session';
import type { Revocation } from './revocation-keys';
import { lookUp } from './revocations';
import { seal, unseal } from './seal';
import { type DeviceBinding, parseBinding, type SealedSession } from './session';
import { pseudonymOf } from './user-pseudonym';

/** Requests that left the browser before it was bound still arrive. */
const bindingGraceSec = 30;
/** What registers does so within moments of the sign-in. */
const requiredGraceMs = 60_000;

/** Browsers bind over https alone. */
export function isBindingOn(): boolean {
  const { isHttps, sessionBinding } = getConfig();
  return isHttps && sessionBinding !== 'off';
}

/**
 * What the store knows of a session, in one trip: its revocation, its binding if the cookie is older than that,
 * and whether a copy was tried. @throws AppError `store_unavailable`
 */
export async function lookUpSession<S extends SealedSession>(
  session: S,
): Promise<{ revocation: Revocation | null; session: S }> {
  const { revocation, note } = await lookUp(session, noteKey(session));
  if (note === null) return { revocation, session };
  const { binding } = session;
  if (binding !== null)
    return { revocation, session: { ...session, binding: { ...binding, copiedAtSec: Number(note) } } };
  return { revocation, session: { ...session, binding: await openBinding(note, session) } };
}

/** As the cookie has it; with SESSION_BINDING=off bound sessions go on like any other. */
export function withoutBindingIfOff<S extends SealedSession>(session: S): S {
  return session.binding === null || isBindingOn() ? session : { ...session, binding: null };
}

/**
 * The first browser that registers for a session is the one that it is bound to.
 * @returns false when it was bound before. @throws AppError `store_unavailable`
 */
export async function bindSession(session: SealedSession, binding: DeviceBinding): Promise<boolean> {
  const leftSec = Math.max(1, session.endsAtSec - nowSec());
  const sealed = await seal('device_binding', { id: session.id, binding }, leftSec);
  return currentStore().claim(boundKey(session), sealed, leftSec * 1000);
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
  const fault = findBoundCookieFault(jar, session);
  return fault === null ? null : { kind: 'unproven', reason: 'device_not_proven', fault, session };
}

/** For the user's own session page, once for each session. Never throws. */
export async function noteCopyTried({
  fault,
  session,
}: RejectedSession & { kind: 'unproven' }): Promise<void> {
  if (fault === undefined) return;
  const leftMs = Math.max(1_000, session.endsAtSec * 1000 - nowMs());
  try {
    if (!(await currentStore().claim(copiedKey(session), String(nowSec()), leftMs))) return;
    logWarning('device_rejected', { reason: fault, userPseudonym: pseudonymOf(session.user) });
  } catch (error) {
    logFailure('device_rejected', error, { reason: fault, userPseudonym: pseudonymOf(session.user) });
  }
}

async function openBinding(sealed: string, { id }: SealedSession): Promise<DeviceBinding | null> {
  return parseBinding(await unseal('device_binding', sealed, getConfig().sessionLifetimeSec), id);
}

function noteKey(session: SealedSession): string | null {
  if (!isBindingOn()) return null;
  return session.binding === null ? boundKey(session) : copiedKey(session);
}

function boundKey({ id }: Pick<SealedSession, 'id'>): string {
  return `bound:${id}`;
}

function copiedKey({ id }: Pick<SealedSession, 'id'>): string {
  return `copied:${id}`;
}
