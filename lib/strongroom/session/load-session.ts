/** Judges the session of a request: whose it is, whether it is over, and whether that can be known now. One trip to the store. */
import 'server-only';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { getConfig } from '../config/config';
import { isIdle } from './last-seen';
import type { RevocationReason } from './revocation-keys';
import { findRevocation, isRevoked } from './revocations';
import type { CookieJar } from './seal';
import type { SealedSession, Session } from './session';
import { hasSessionCookie, openSessionCookie } from './session-cookie';
import { readTokens } from './token-store';

export type RejectionReason = RevocationReason | 'unreadable' | 'expired' | 'idle' | 'tokens_missing';

export type LoadedSession =
  | { kind: 'session'; session: Session }
  /** The browser sent no session cookie. */
  | { kind: 'none' }
  /** `session` is what the cookie held, for giving its grant back; null when it cannot be read. */
  | { kind: 'over'; reason: RejectionReason; session: Session | null }
  /** The store does not answer, and without it nobody can tell. Nobody is signed out for that. */
  | { kind: 'unchecked'; session: SealedSession };

/** Never throws for what a browser sends or a store does not. */
export async function loadSession(jar: Pick<CookieJar, 'read'>): Promise<LoadedSession> {
  const sealed = await openSessionCookie(jar);
  if (sealed === null) return hasSessionCookie(jar) ? over('unreadable') : { kind: 'none' };
  if (sealed.endsAtSec <= nowSec()) return over('expired', sealed);
  if (await isIdle(jar, sealed)) return over('idle', sealed);
  try {
    const revocation = await findRevocationIfKnown(sealed);
    // Also of a session that was ended: its grant is given back.
    const tokens = sealed.tokens ?? (await readTokens(sealed.id, getConfig().sessionLifetimeSec));
    if (revocation !== null && isRevoked(revocation)) return over(revocation.reason, { ...sealed, tokens });
    return tokens === null ? over('tokens_missing') : { kind: 'session', session: { ...sealed, tokens } };
  } catch (error) {
    if (findAppError(error)?.code === 'store_unavailable') return { kind: 'unchecked', session: sealed };
    throw error;
  }
}

/** The session, or null: for whoever treats every other case alike. */
export async function readSession(jar: Pick<CookieJar, 'read'>): Promise<Session | null> {
  const found = await loadSession(jar);
  return found.kind === 'session' ? found.session : null;
}

/** While the store is away, `REVOCATION_CHECK=open` lets sessions go on: no token is refreshed then, so they act only as long as theirs lasts. */
async function findRevocationIfKnown(session: SealedSession) {
  try {
    return await findRevocation(session);
  } catch (error) {
    const isOpen =
      getConfig().revocationCheck === 'open' && findAppError(error)?.code === 'store_unavailable';
    if (isOpen) return null;
    throw error;
  }
}

function over(reason: RejectionReason, sealed: SealedSession | null = null): LoadedSession {
  const { tokens = null } = sealed ?? {};
  return { kind: 'over', reason, session: sealed === null || tokens === null ? null : { ...sealed, tokens } };
}
