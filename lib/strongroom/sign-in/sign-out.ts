/** Ends the session: here at once, then at the authorization server as far as it can be reached. @see RFC 7009, OIDC RP-Initiated Logout 1.0 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { nowMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { logEvent, logFailure } from '../base/log';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { getMetadata, type ServerMetadata } from '../oauth/metadata';
import { buildLogoutUrl } from '../oauth/rp-initiated-logout';
import { revokeRefreshToken } from '../oauth/token-revocation';
import { removeDraft } from '../session/draft';
import { loadSession } from '../session/load-session';
import { removePendingAction } from '../session/pending-action';
import { revokeSession, revokeUserSessions } from '../session/revocations';
import type { CookieJar } from '../session/seal';
import type { SealedSession } from '../session/session';
import { removeSession } from '../session/session-cookie';
import { removeAllTransactions } from '../session/sign-in-transaction';
import { removeTokens } from '../session/token-store';
import { pseudonymOf } from '../session/user-pseudonym';

export type SignOutOutcome =
  /** Go on to the authorization server, which sends the browser back to the page for users who have signed out. */
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
  removeAllTransactions(jar);
  await removeDraft(jar);
  await removePendingAction(jar);
  if (session === null) return { kind: 'done' };
  await forbidCopies(session, isEverywhere);
  const { refreshToken = null, idToken = null } = session.tokens ?? {};
  const revocation = refreshToken === null ? 'unsupported' : await revokeRefreshToken(refreshToken);
  logEvent('signed_out', { userPseudonym: pseudonymOf(session.user), revocation, isEverywhere });
  const server = await waitAtMost<ServerMetadata | null>(
    2_000,
    getMetadata().catch(() => null),
    null,
  );
  if (revocation === 'failed' || server === null) return { kind: 'not_told' };
  const { appOrigin, clientId } = getConfig();
  const returnUrl = new URL(getDeclaration().paths.signedOut, appOrigin).href;
  const url = buildLogoutUrl(server, {
    clientId,
    idToken,
    returnUrl,
    state: randomBytes(16).toString('base64url'),
  });
  return url === null ? { kind: 'done' } : { kind: 'continue_there', url };
}

/** Also one that cannot be checked now, or ended by itself: its grant and the sign-in at the server are still there to be ended. */
async function findSession(jar: CookieJar): Promise<SealedSession | null> {
  const found = await loadSession(jar);
  // The grant of one that was replaced is that of the newer one.
  return found.kind === 'none' || (found.kind === 'over' && found.reason === 'replaced')
    ? null
    : found.session;
}

/** A store that is away is told as soon as it is back, by the instance that could not tell it now. */
async function forbidCopies(session: SealedSession, isEverywhere: boolean): Promise<void> {
  // The tokens may be in the store, wherever they were read from.
  const steps = [revokeSession(session), removeTokens(session.id)];
  if (session.predecessor !== null) steps.push(revokeSession(session.predecessor));
  if (isEverywhere) steps.push(revokeUserSessions(session.user, nowMs()));
  for (const step of await Promise.allSettled(steps))
    if (step.status === 'rejected') logFailure('revocation_not_stored', step.reason);
}
