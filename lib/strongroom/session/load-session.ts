/**
 * Reads the session of a request: active, absent, expired, revoked, unreadable or indeterminate. One trip to
 * the store, for revocations and for tokens that are kept there.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { currentRequest } from '../base/current-request';
import { findAppError } from '../base/errors';
import { logEvent } from '../base/log';
import { inSpan } from '../base/span';
import { getConfig } from '../config/config';
import { queryStore, type StoreQuery } from '../store/store-query';
import type { CookieJar } from './cookie-jar';
import { buildRecordsQuery, findUnproven, noteCopyTried, withoutBindingIfOff } from './device-binding';
import { isIdle, readLastSeen } from './last-seen';
import { isRejected, type LoadedSession, type RejectedSession } from './loaded-session';
import type { Revocation } from './revocation-keys';
import { isRevoked } from './revocations';
import type { SealedSession, TokenSet } from './session';
import { openSessionCookie } from './session-cookie';
import { takeHandedOver } from './session-handover';
import { buildTokenQuery } from './token-store';
import { noteSession, pseudonymOf } from './user-pseudonym';

/**
 * For callers that let a user in or reject them: a rejected session is logged, once for each request.
 * Never throws for what a browser sends or a store does not.
 */
export async function loadSession(jar: CookieJar): Promise<LoadedSession> {
  const handedOver = takeHandedOver();
  if (handedOver !== null) return handedOver;
  const loaded = await inSpan({ name: 'session' }, async (note) => {
    const inspected = await inspectSession(jar);
    note({ 'strongroom.session': inspected.kind });
    return inspected;
  });
  if (!isRejected(loaded)) return loaded;
  if (loaded.kind !== 'unproven') logRejected(loaded);
  else {
    logRejected(loaded, loaded.fault);
    await noteCopyTried(loaded);
  }
  return loaded;
}

/** Like `loadSession` without the log line, for callers that reject nothing: signing in, signing out, and asking for the state. */
export async function inspectSession(jar: Pick<CookieJar, 'read'>): Promise<LoadedSession> {
  const loaded = await inspectUnproven(jar);
  if (loaded.kind !== 'active') return loaded;
  const unproven = findUnproven(jar, loaded.session);
  if (unproven === null) return loaded;
  // The browser says that it could not renew its proof (`Secure-Session-Skipped`), so its owner is asked to try again.
  // Whoever made the header up gets no page either.
  const isPassing = unproven.reason === 'device_not_proven' && currentRequest()?.hasMissedRenewal === true;
  return isPassing ? { kind: 'indeterminate', session: loaded.session } : unproven;
}

/**
 * Whether or not the request comes from the device that the session is bound to: for the routes through which a
 * browser proves that (device/), and for nothing else.
 */
export async function inspectUnproven(jar: Pick<CookieJar, 'read'>): Promise<LoadedSession> {
  const cookie = await openSessionCookie(jar);
  if (cookie === null) return { kind: 'absent' };
  if (cookie.kind === 'rejected') return { kind: 'unreadable', reason: cookie.reason, session: null };
  const lastSeenAtSec = await readLastSeen(jar, cookie.value);
  const session = withoutBindingIfOff({ ...cookie.value, lastSeenAtSec });
  noteSession(session);
  if (session.endsAtSec <= nowSec()) return { kind: 'expired', reason: 'lifetime', session };
  if (isIdle(session)) return { kind: 'expired', reason: 'idle', session };
  return checkStore(session).catch((error: unknown) => {
    if (findAppError(error)?.code !== 'store_unavailable') throw error;
    return { kind: 'indeterminate', session };
  });
}

async function checkStore(sealed: SealedSession): Promise<LoadedSession> {
  const { revocation, session, tokens } = await askStore(sealed);
  if (revocation !== null && isRevoked(revocation))
    return { kind: 'revoked', reason: revocation.reason, session: { ...session, tokens } };
  if (tokens === null) return { kind: 'unreadable', reason: 'tokens_missing', session };
  return { kind: 'active', session: { ...session, tokens } };
}

type Found = { revocation: Revocation | null; session: SealedSession; tokens: TokenSet | null };

/**
 * The tokens of a revoked session too: its grant is revoked with them. While Redis is away, `REVOCATION_CHECK=open`
 * lets sessions go on whose tokens are in their cookie. No token is refreshed then, so they can act only until
 * their access token expires.
 */
async function askStore(session: SealedSession): Promise<Found> {
  try {
    const lifetimeSec = getConfig().sessionLifetimeSec;
    const inCookie: StoreQuery<TokenSet | null> = { keys: [], read: () => session.tokens };
    const [records, tokens] = await queryStore(
      buildRecordsQuery(session),
      session.tokens === null ? buildTokenQuery(session.id, lifetimeSec) : inCookie,
    );
    return { ...records, tokens };
  } catch (error) {
    const isOpen =
      getConfig().revocationCheck === 'open' && findAppError(error)?.code === 'store_unavailable';
    if (isOpen && session.tokens !== null) return { revocation: null, session, tokens: session.tokens };
    throw error;
  }
}

/** @param detail narrows the reason, such as the error code of the authorization server */
export function logRejected({ kind, reason, session }: RejectedSession, detail?: string): void {
  logEvent('session_rejected', {
    kind,
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(session === null ? {} : { userPseudonym: pseudonymOf(session.user) }),
  });
}
