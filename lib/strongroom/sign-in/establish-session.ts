/**
 * Completes a sign-in: a new session with a new id takes the place of any session that the browser had.
 * @see ASVS 7.2.4
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { after } from 'next/server';
import { nowSec } from '../base/clock';
import { logEvent, logFailure, logWarning } from '../base/log';
import { getApi, getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { readGrantedScopes } from '../oauth/granted-scopes';
import { readAuthTime } from '../oauth/id-token';
import { keepClaims, listDistributedClaims, readRoles } from '../oauth/kept-claims';
import { readUser } from '../oauth/profile';
import { keepScopes, logLeftOut } from '../oauth/requested-targets';
import { endOfRefreshToken, type TokenResult } from '../oauth/token-response';
import { revokeRefreshToken } from '../oauth/token-revocation';
import type { IdentityClaims } from '../oauth/token-types';
import type { CookieJar } from '../session/cookie-jar';
import { removeLastSeen } from '../session/last-seen';
import { shortenProviderSessionId } from '../session/revocation-keys';
import { recordReplacement, replacedGraceMs, revokeSession } from '../session/revocations';
import { isSameUser, type Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { listSession } from '../session/session-list';
import { removeTransaction, type SignInTransaction } from '../session/sign-in-transaction';
import { noteSession, pseudonymOf } from '../session/user-pseudonym';

/** A token response that was validated, and the verified claims about its user. */
export type VerifiedTokens = { tokens: TokenResult; claims: IdentityClaims; requestedAtMs: number };

export async function createSession(
  { tokens, claims, requestedAtMs }: VerifiedTokens,
  { scopes: requested, dpopKey, leftOut }: Pick<SignInTransaction, 'scopes' | 'dpopKey' | 'leftOut'>,
): Promise<Session> {
  const atSec = nowSec();
  const requestedAtSec = Math.floor(requestedAtMs / 1000);
  const sent = keepScopes(requested, leftOut);
  const scopes = readGrantedScopes(tokens, sent, { apis: getConfig().apis, tokenName: null });
  logDistributedClaims(claims);
  logLeftOut(leftOut);
  const endsAtSec = Math.min(atSec + getConfig().sessionLifetimeSec, readCeiling(claims));
  // Its refresh token is for the APIs that were asked for. @see RFC 8707 §2.2
  const withoutToken = { accessToken: null, expiresAtSec: endsAtSec, obtainedAtSec: atSec };
  return {
    id: randomBytes(18).toString('base64url'),
    user: await readUser(claims, { accessToken: tokens.accessToken, dpopKey, scopes }),
    tokens: {
      accessToken: tokens.accessToken,
      expiresAtSec: requestedAtSec + tokens.lifetimeSec,
      obtainedAtSec: requestedAtSec,
      target: getApi().target,
      refreshToken: tokens.refreshToken,
      refreshEndsAtSec: endOfRefreshToken(tokens, requestedAtSec),
      previousRefreshKey: null,
      idToken: tokens.idToken,
      dpopKey,
      scopes,
      apiTokens: Object.fromEntries(leftOut.map((name) => [name, withoutToken])),
      refreshes: 0,
    },
    tokenReplacedAtSec: null,
    apiTokensReplacedAtSec: {},
    // A logout that the server reports during the exchange ends the session that comes of it.
    startedAtMs: requestedAtMs,
    lastSeenAtSec: atSec,
    endsAtSec,
    predecessors: [],
    providerSessionId: claims.sid === undefined ? null : shortenProviderSessionId(claims.sid),
    authTimeSec: readAuthTime(claims),
    claims: keepClaims(claims, getDeclaration().claims),
    roles: readRoles(claims, getDeclaration().roles),
    binding: null,
    acr: typeof claims.acr === 'string' ? claims.acr.slice(0, 255) : null,
  };
}

/** Without this line, a user with many groups has no role for no visible reason. */
function logDistributedClaims(claims: IdentityClaims): void {
  const { claims: names, roles } = getDeclaration();
  const elsewhere = listDistributedClaims(claims, [...names, ...(roles === undefined ? [] : [roles.claim])]);
  if (elsewhere.length > 0) logWarning('claims_elsewhere', { claims: elsewhere.join(' ') });
}

/**
 * `session_expiry`: when the identity provider wants every session of this sign-in to end.
 * @see OIDC Enterprise Extensions
 */
function readCeiling({ session_expiry: ceiling }: IdentityClaims): number {
  return typeof ceiling === 'number' && Number.isSafeInteger(ceiling) ? ceiling : Number.POSITIVE_INFINITY;
}

export type SignedIn = {
  session: Session;
  transaction: SignInTransaction;
  /** What the browser calls itself, for the user's own list of sessions. */
  browser: string | null;
};

/** @throws AppError `store_unavailable`; the transaction is closed either way */
export async function establishSession(
  jar: CookieJar,
  { session, transaction, browser }: SignedIn,
  previous: Session | null,
): Promise<void> {
  removeTransaction(jar, transaction.id);
  removeLastSeen(jar);
  // When one callback is delivered twice, the second delivery finds its own session in place.
  const replaced = previous === null || previous.id === session.id ? null : previous;
  const isSuccessor = replaced !== null && isSameUser(replaced.user, session.user);
  const predecessors = isSuccessor ? listPredecessors(session, replaced) : [];
  const fit = await writeSession(jar, { ...session, predecessors });
  noteSession(session);
  logSignIn(session, transaction, fit);
  // Without it the session ends with its access token: the operator learns why at the first sign-in.
  if (session.tokens.refreshToken === null && expectsRefreshToken(transaction.scopes))
    logWarning('refresh_token_missing', { setting: 'AUTH_AUTHORIZATION_PARAMS=prompt=consent' });
  if (replaced !== null) await leaveSession(replaced, isSuccessor);
  // The list is a convenience: signing in works without it.
  await listSession(session, browser).catch((error: unknown) => logFailure('session_not_listed', error));
}

function expectsRefreshToken(requested: readonly string[]): boolean {
  const { refreshTokens } = getConfig().provider;
  return refreshTokens === 'by_default' || requested.includes('offline_access');
}

const maxPredecessors = 5;

/**
 * Those that are still served: the one that is replaced now, and those that it replaced itself a moment ago.
 */
function listPredecessors(session: Session, replaced: Session): Session['predecessors'] {
  const isRecent = session.startedAtMs - replaced.startedAtMs < replacedGraceMs;
  const earlier = isRecent ? replaced.predecessors : [];
  return [replaced.id, ...earlier].slice(0, maxPredecessors);
}

function logSignIn(
  session: Session,
  { permission, stepUp }: SignInTransaction,
  fit: Awaited<ReturnType<typeof writeSession>>,
): void {
  const { scopes } = session.tokens;
  const asked = permission === null ? {} : { permission, isGranted: scopes.includes(permission) };
  const missing = getDeclaration().claims.filter((name) => !Object.hasOwn(session.claims, name));
  const missingClaims = missing.length === 0 ? undefined : missing.join(' ');
  logEvent('signed_in', {
    userPseudonym: pseudonymOf(session.user),
    ...{ scopes: scopes.length, fit, missingClaims, ...asked, isStepUp: stepUp !== null },
  });
  if (fit !== 'by_reference') return;
  const chars = JSON.stringify(session).length;
  logWarning('session_by_reference', { reason: 'tokens_exceed_cookie', chars });
}

/**
 * A session of the same user may still be in requests on their way. One of another user is revoked at once,
 * with its grant.
 */
async function leaveSession(replaced: Session, isSameUserAgain: boolean): Promise<void> {
  if (isSameUserAgain) return recordReplacement(replaced);
  await revokeSession(replaced, 'another_user');
  const { refreshToken } = replaced.tokens;
  if (refreshToken !== null) after(() => revokeRefreshToken(refreshToken));
}
