/** Judges the session of a request: whose it is, whether it is over, and whether that can be known now. One trip to the store. */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { findAppError } from '@/lib/base/errors';
import { getConfig } from '@/lib/config/config';
import { isIdle } from './activity';
import type { EndingReason } from './ending-keys';
import { findEnding, isOver } from './endings';
import type { CookieJar } from './seal';
import type { SealedSession, Session } from './session';
import { hasSessionCookie, openSessionCookie } from './session-cookie';
import { readTokens } from './vault';

export type OverReason = EndingReason | 'not_ours' | 'expired' | 'idle' | 'tokens_gone';

export type SessionLookup =
  | { kind: 'session'; session: Session }
  /** The browser sent no session cookie. */
  | { kind: 'none' }
  /** `session` is what the cookie held, for giving its grant back; null when it cannot be read. */
  | { kind: 'over'; reason: OverReason; session: Session | null }
  /** The store does not answer, and without it nobody can tell. Nobody is signed out for that. */
  | { kind: 'unchecked'; session: SealedSession };

/** Never throws for what a browser sends or a store does not. */
export async function lookUpSession(jar: Pick<CookieJar, 'read'>): Promise<SessionLookup> {
  const sealed = await openSessionCookie(jar);
  if (sealed === null) return hasSessionCookie(jar) ? over('not_ours') : { kind: 'none' };
  if (sealed.endsAtSec <= nowSec()) return over('expired', sealed);
  if (await isIdle(jar, sealed)) return over('idle', sealed);
  try {
    const ending = await findEndingIfKnown(sealed);
    // Also of a session that was ended: its grant is given back.
    const tokens = sealed.tokens ?? (await readTokens(sealed.id, getConfig().sessionLifetimeSec));
    if (ending !== null && isOver(ending)) return over(ending.reason, { ...sealed, tokens });
    return tokens === null ? over('tokens_gone') : { kind: 'session', session: { ...sealed, tokens } };
  } catch (error) {
    if (findAppError(error)?.code === 'store_down') return { kind: 'unchecked', session: sealed };
    throw error;
  }
}

/** The session, or null: for whoever treats every other case alike. */
export async function readSession(jar: Pick<CookieJar, 'read'>): Promise<Session | null> {
  const found = await lookUpSession(jar);
  return found.kind === 'session' ? found.session : null;
}

/** While the store is away, `REVOCATION_CHECK=open` lets sessions go on: no token is refreshed then, so they act only as long as theirs lasts. */
async function findEndingIfKnown(session: SealedSession) {
  try {
    return await findEnding(session);
  } catch (error) {
    const isOpen = getConfig().revocationCheck === 'open' && findAppError(error)?.code === 'store_down';
    if (isOpen) return null;
    throw error;
  }
}

function over(reason: OverReason, sealed: SealedSession | null = null): SessionLookup {
  const { tokens = null } = sealed ?? {};
  return { kind: 'over', reason, session: sealed === null || tokens === null ? null : { ...sealed, tokens } };
}
