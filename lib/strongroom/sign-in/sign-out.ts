/**
 * Revokes the session here at once, then at the authorization server as far as it can be reached.
 * @see RFC 7009, OIDC RP-Initiated Logout 1.0
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { nowMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { logEvent, logFailure } from '../base/log';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { getMetadata } from '../oauth/metadata';
import type { ServerMetadata } from '../oauth/metadata-document';
import { buildLogoutUrl } from '../oauth/rp-initiated-logout';
import { revokeRefreshToken } from '../oauth/token-revocation';
import type { CookieJar } from '../session/cookie-jar';
import { removeDraft } from '../session/draft';
import { inspectSession } from '../session/load-session';
import { removePendingAction } from '../session/pending-action';
import { revokeSession, revokeUserSessions } from '../session/revocations';
import type { SealedSession } from '../session/session';
import { removeSession } from '../session/session-cookie';
import { removeAllTransactions } from '../session/sign-in-transaction';
import { removeTokens } from '../session/token-store';
import { pseudonymOf } from '../session/user-pseudonym';

export type SignOutOutcome =
  /**
   * Go on to the authorization server, which sends the browser back to the page for users who have signed
   * out.
   */
  | { kind: 'continue_there'; url: URL }
  /** Nothing more to do: the server offers no logout, or there was no session. */
  | { kind: 'done' }
  /** Signed out here; the authorization server could not be told. */
  | { kind: 'not_told' };

/**
 * Never throws, and waits at most two seconds for each response.
 * @param isEverywhere revokes every session of the user, in all browsers
 */
export async function signOut(jar: CookieJar, isEverywhere = false): Promise<SignOutOutcome> {
  const session = await findSession(jar);
  removeSession(jar);
  removeAllTransactions(jar);
  removeDraft(jar);
  removePendingAction(jar);
  if (session === null) return { kind: 'done' };
  await revokeCopies(session, isEverywhere);
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

/**
 * A session that is expired, revoked or indeterminate too: its grant and the sign-in at the server can still
 * be revoked.
 */
async function findSession(jar: CookieJar): Promise<SealedSession | null> {
  const loaded = await inspectSession(jar);
  if (loaded.kind === 'absent') return null;
  // A replaced session shares its grant with the newer one.
  return loaded.kind === 'revoked' && loaded.reason === 'replaced' ? null : loaded.session;
}

/** While Redis is away, this instance writes the revocations as soon as it is back. */
async function revokeCopies(session: SealedSession, isEverywhere: boolean): Promise<void> {
  // The tokens may be in the store, wherever they were read from.
  const steps = [revokeSession(session), removeTokens(session.id)];
  if (session.predecessor !== null) steps.push(revokeSession(session.predecessor));
  if (isEverywhere) steps.push(revokeUserSessions(session.user, nowMs(), 'signed_out_everywhere'));
  for (const step of await Promise.allSettled(steps))
    if (step.status === 'rejected') logFailure('revocation_not_stored', step.reason);
}
