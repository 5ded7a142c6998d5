/** Ends the session: here at once, then at the authorization server as far as it can be reached. @see RFC 7009, OIDC RP-Initiated Logout 1.0 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { nowMs } from '@/lib/base/clock';
import { waitAtMost } from '@/lib/base/deadline';
import { logEvent, logFailure } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';
import { buildEndSessionUrl } from '@/lib/oauth/end-session';
import { getMetadata, type ServerMetadata } from '@/lib/oauth/metadata';
import { revokeRefreshToken } from '@/lib/oauth/revocation';
import { removeAllAttempts } from '@/lib/session/attempt';
import { removeDraft } from '@/lib/session/draft';
import { endSession, endUserSessions } from '@/lib/session/endings';
import { lookUpSession } from '@/lib/session/look-up-session';
import { removePending } from '@/lib/session/pending';
import type { CookieJar } from '@/lib/session/seal';
import type { SealedSession } from '@/lib/session/session';
import { removeSession } from '@/lib/session/session-cookie';
import { forgetTokens } from '@/lib/session/vault';
import { markOf } from './who';

export const signedOutPath = '/signed-out';

export type SignOutOutcome =
  /** Go on to the authorization server, which sends the browser back to `/signed-out`. */
  | { kind: 'continue_there'; url: URL }
  /** Nothing more to do: the server offers no logout, or nobody was signed in. */
  | { kind: 'done' }
  /** Signed out here; the authorization server could not be told. */
  | { kind: 'not_told' };

/**
 * Never throws, and waits at most two seconds for each answer.
 * @param isEverywhere ends every session of the person, in all their browsers
 */
export async function signOut(jar: CookieJar, isEverywhere = false): Promise<SignOutOutcome> {
  const session = await findSession(jar);
  await removeSession(jar);
  removeAllAttempts(jar);
  await removeDraft(jar);
  await removePending(jar);
  if (session === null) return { kind: 'done' };
  await forbidCopies(session, isEverywhere);
  const { refreshToken = null, idToken = null } = session.tokens ?? {};
  const revocation = refreshToken === null ? 'unsupported' : await revokeRefreshToken(refreshToken);
  logEvent('signed_out', { who: markOf(session.user), revocation, isEverywhere });
  const server = await waitAtMost<ServerMetadata | null>(
    2_000,
    getMetadata().catch(() => null),
    null,
  );
  if (revocation === 'failed' || server === null) return { kind: 'not_told' };
  const { appOrigin, clientId } = getConfig();
  const returnUrl = new URL(signedOutPath, appOrigin).href;
  const url = buildEndSessionUrl(server, {
    clientId,
    idToken,
    returnUrl,
    state: randomBytes(16).toString('base64url'),
  });
  return url === null ? { kind: 'done' } : { kind: 'continue_there', url };
}

/** Also one that cannot be checked now, or ended by itself: its grant and the sign-in at the server are still there to be ended. */
async function findSession(jar: CookieJar): Promise<SealedSession | null> {
  const found = await lookUpSession(jar);
  // The grant of one that was replaced is that of the newer one.
  return found.kind === 'none' || (found.kind === 'over' && found.reason === 'replaced')
    ? null
    : found.session;
}

/** A store that is away is told as soon as it is back, by the instance that could not tell it now. */
async function forbidCopies(session: SealedSession, isEverywhere: boolean): Promise<void> {
  // The tokens may be in the store, wherever they were read from.
  const steps = [endSession(session), forgetTokens(session.id)];
  if (session.predecessor !== null) steps.push(endSession(session.predecessor));
  if (isEverywhere) steps.push(endUserSessions(session.user, nowMs()));
  for (const step of await Promise.allSettled(steps))
    if (step.status === 'rejected') logFailure('ending_not_written', step.reason);
}
