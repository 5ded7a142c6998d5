/**
 * Revokes the session here at once, then at the authorization server as far as it can be reached.
 * @see RFC 7009, OIDC RP-Initiated Logout 1.0
 */
import 'server-only';
import { nowMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { logEvent, logFailure } from '../base/log';
import { newRandomId } from '../base/random-id';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { publicAddress } from '../config/public-address';
import { getMetadata, isServerReachable } from '../oauth/metadata';
import { buildLogoutUrl, chooseLogoutAddress } from '../oauth/rp-initiated-logout';
import type { CookieJar } from '../session/cookie-jar';
import { removeDraft } from '../session/draft';
import { readIdTokenHint, removeIdTokenHint } from '../session/id-token-hint';
import { inspectSession } from '../session/load-session';
import type { LoadedSession } from '../session/loaded-session';
import { removePendingAction } from '../session/pending-action';
import { revokeSession, revokeUserSessions } from '../session/revocations';
import type { SealedSession } from '../session/session';
import { removeSession } from '../session/session-cookie';
import { removeAllTransactions } from '../session/sign-in-transaction';
import { removeTokens } from '../session/token-store';
import { pseudonymOf } from '../session/user-pseudonym';
import { revokeGrantOnce } from './revoke-grant';

export type SignOutOutcome =
  /**
   * Go on to the authorization server, which sends the browser back to the page for users who have signed
   * out.
   */
  | { kind: 'continue_there'; url: URL }
  /** Nothing more to do: there was no session. */
  | { kind: 'done' }
  /**
   * Signed out here; the authorization server offers no logout, so it may let the user in without a question.
   */
  | { kind: 'no_logout' }
  /** Signed out here; the authorization server could not be told. */
  | { kind: 'not_told' };

/**
 * Never throws, and waits at most four seconds for the authorization server. A revocation that fails keeps no
 * browser from the server’s logout, while that server is there.
 * @param isEverywhere revokes every session of the user, in all browsers
 */
export async function signOut(jar: CookieJar, isEverywhere = false): Promise<SignOutOutcome> {
  const loaded = await inspectSession(jar);
  const session = sessionToEnd(loaded);
  removeSession(jar);
  removeAllTransactions(jar);
  removeDraft(jar);
  removePendingAction(jar);
  if (session === null) return { kind: 'done' };
  // It says who the user is, which a copy of the session cookie without the key of its device is not told.
  const idTokenHint = loaded.kind === 'unproven' ? null : await readIdTokenHint(session);
  const [revocation, logout] = await Promise.all([
    revokeGrantOnce(session, 'revoke'),
    findLogout(idTokenHint),
    revokeCopies(session, isEverywhere),
  ]);
  logEvent('signed_out', { userPseudonym: pseudonymOf(session.user), revocation, isEverywhere });
  if (revocation !== 'failed') return logout;
  // A server that is down would leave the browser on an error page of its own.
  const isGoing = logout.kind === 'continue_there' && (await isThere());
  return isGoing ? logout : { kind: 'not_told' };
}

/** The server of an address that was set by hand is not asked: it may be another one. */
async function isThere(): Promise<boolean> {
  return !needsMetadata(getConfig().logoutUrl) || waitAtMost(2_000, isServerReachable(), false);
}

function needsMetadata(logoutUrl: string | null): boolean {
  return logoutUrl === null || logoutUrl.startsWith('?');
}

/** Where the browser goes to be signed out at the authorization server too. */
async function findLogout(idTokenHint: string | null): Promise<Exclude<SignOutOutcome, { kind: 'done' }>> {
  const { clientId, logoutUrl } = getConfig();
  const endpoint = needsMetadata(logoutUrl) ? await findLogoutEndpoint() : undefined;
  if (endpoint === 'unknown') return { kind: 'not_told' };
  const address = chooseLogoutAddress(logoutUrl, endpoint);
  if (address === undefined) return { kind: 'no_logout' };
  const url = buildLogoutUrl(address, {
    clientId,
    idTokenHint,
    returnUrl: publicAddress(getDeclaration().paths.signedOut).href,
    state: newRandomId(),
  });
  return { kind: 'continue_there', url };
}

/** The address in the metadata if it has one, and `unknown` while there is no metadata. */
function findLogoutEndpoint(): Promise<string | undefined> {
  const endpoint = getMetadata().then(
    ({ end_session_endpoint: found }) => found,
    () => 'unknown',
  );
  return waitAtMost<string | undefined>(2_000, endpoint, 'unknown');
}

/**
 * A session that is expired, revoked or indeterminate too: its grant and the sign-in at the server can still
 * be revoked.
 */
function sessionToEnd(loaded: LoadedSession): SealedSession | null {
  if (loaded.kind === 'absent') return null;
  // A replaced session shares its grant with the newer one.
  return loaded.kind === 'revoked' && loaded.reason === 'replaced' ? null : loaded.session;
}

/** While Redis is away, this instance writes the revocations as soon as it is back. */
async function revokeCopies(session: SealedSession, isEverywhere: boolean): Promise<void> {
  // The tokens may be in the store, wherever they were read from.
  const { endsAtSec } = session;
  const ids = [session.id, ...session.predecessors];
  const steps = [
    ...ids.map((id) => revokeSession({ id, endsAtSec })),
    removeTokens(session.id),
    removeIdTokenHint(session),
  ];
  if (isEverywhere) steps.push(revokeUserSessions(session.user, nowMs(), 'signed_out_everywhere'));
  for (const step of await Promise.allSettled(steps))
    if (step.status === 'rejected') logFailure('revocation_not_stored', step.reason);
}
