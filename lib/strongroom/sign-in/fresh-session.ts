/**
 * Keeps the tokens of a session fresh where cookies can be written: before pages, in route handlers and
 * server actions, never during rendering. A refresh does not count as use: last-seen.ts alone notes when the
 * user was here.
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { logFailure } from '../base/log';
import type { Api } from '../config/apis';
import { getApi, getConfig } from '../config/config';
import { refreshTokens } from '../oauth/refresh/refresh-coordinator';
import type { RefreshResult } from '../oauth/refresh/result-cache';
import { canReplaceToken, isExpired, needsRefresh } from '../oauth/token-age';
import { findAccessToken, findReplacement, withAccessToken, withReplacement } from '../session/access-token';
import type { CookieJar } from '../session/cookie-jar';
import { readRecords } from '../session/device-binding';
import { logRejected } from '../session/load-session';
import { isRevocationReason, type RevocationReason } from '../session/revocation-keys';
import { findRevocation, isRevoked, revokeSession } from '../session/revocations';
import type { Session, TokenSet } from '../session/session';
import { writeSession } from '../session/session-cookie';

export type FreshSessionResult =
  | { kind: 'fresh'; session: Session }
  /** The refresh failed for now; the session stays, and its token may still work. */
  | { kind: 'unchanged'; session: Session }
  /** The session is revoked, and only signing in again helps. */
  | { kind: 'login_required'; reason: RevocationReason };

/** Before a token for `api` is used: gets or refreshes it if it is due. */
export async function refreshIfDue(
  jar: CookieJar,
  session: Session,
  { api = getApi(), waitMs }: { api?: Api; waitMs?: number } = {},
): Promise<FreshSessionResult> {
  if (!isDue(session.tokens, api)) return { kind: 'fresh', session };
  const result = await refreshTokens(session, { api, ...(waitMs === undefined ? {} : { waitMs }) });
  return applyResult(jar, session, result);
}

function isDue(tokens: TokenSet, api: Api): boolean {
  const token = findAccessToken(tokens, api);
  // Without a refresh token the session lasts as long as its first access token, and has no other.
  if (tokens.refreshToken === null)
    return api.tokenName === null && (token === null || isExpired(token, nowSec()));
  return token === null || needsRefresh(token, nowSec());
}

/** A page may not need what it waits for. */
const heldWaitMs = 1_500;

/** Before a page: refreshes every token that the session holds and that is due, one after the other. */
export async function refreshAllDue(jar: CookieJar, session: Session): Promise<FreshSessionResult> {
  let result = await refreshIfDue(jar, session);
  for (const api of listHeldApis(session)) {
    // While the server has no new token for the first API, the others need not ask.
    if (result.kind !== 'fresh') return result;
    const next = await refreshIfDue(jar, result.session, { api, waitMs: heldWaitMs });
    if (next.kind !== 'unchanged') result = next;
  }
  return result;
}

/** Whether a page would have to wait for a refresh. */
export function isAnyDue({ tokens }: Session): boolean {
  return [getApi(), ...listHeldApis({ tokens })].some((api) => isDue(tokens, api));
}

/** The other APIs that the user has used: their tokens are in the session. */
function listHeldApis({ tokens }: Pick<Session, 'tokens'>): Api[] {
  const isHeld = (api: Api) =>
    api.tokenName !== null && (findAccessToken(tokens, api)?.accessToken ?? null) !== null;
  return getConfig().apis.filter((api) => api.name === api.tokenName && isHeld(api));
}

/**
 * After the API rejected a token: refreshes once, and not again for a minute. A token that is rejected after
 * that is as fresh as can be, so the session is handed back as it is: it does not end for it.
 * @see RFC 6750 §3.1
 */
export async function refreshAfterRejection(
  jar: CookieJar,
  session: Session,
  api: Api,
): Promise<FreshSessionResult> {
  const { tokenName } = api;
  const { refreshToken } = session.tokens;
  const tokenReplacedAtSec = findReplacement(session, tokenName);
  if (!canReplaceToken({ tokens: { refreshToken }, tokenReplacedAtSec }, nowSec()))
    return { kind: 'fresh', session };
  const rejectedToken = findAccessToken(session.tokens, api)?.accessToken ?? null;
  const result = await refreshTokens(session, { api, rejectedToken });
  return applyResult(jar, withReplacement(session, tokenName, nowSec()), result);
}

/** A page must not lead here again at once: for a moment it says that the API is not available. */
const delayedSec = 10;

/**
 * After a refresh for another API than the first was delayed. A session that was revoked or replaced meanwhile
 * does not overwrite the cookie of a newer sign-in.
 * @returns whether it was noted: otherwise the page would lead here again
 */
export async function noteDelay(jar: CookieJar, session: Session, api: Api): Promise<boolean> {
  try {
    if ((await findRevocation(session)) !== null) return false;
    await writeDelay(jar, session, api);
    return true;
  } catch (error) {
    if (findAppError(error)?.code !== 'store_unavailable') throw error;
    return false;
  }
}

async function writeDelay(jar: CookieJar, session: Session, api: Api): Promise<void> {
  const token = { accessToken: null, expiresAtSec: nowSec() + delayedSec, obtainedAtSec: nowSec() };
  await writeSession(jar, { ...session, tokens: withAccessToken(session.tokens, api, token) });
}

async function applyResult(
  jar: CookieJar,
  session: Session,
  result: RefreshResult,
): Promise<FreshSessionResult> {
  // A session that was revoked during the refresh keeps that reason.
  if (result.kind === 'login_required')
    return rejectSession(
      session,
      isRevocationReason(result.reason) ? result.reason : 'invalid_grant',
      result.reason,
    );
  if (result.kind === 'retry_later') return { kind: 'unchanged', session };
  // A session that was revoked or replaced meanwhile must not overwrite the cookie of a newer sign-in.
  const known = await readRecords(session).catch(() => ({ revocation: null, session }));
  const { revocation } = known;
  if (revocation !== null && isRevoked(revocation)) return reportRevoked(session, revocation.reason);
  if (revocation !== null) return { kind: 'unchanged', session };
  // A browser that registered meanwhile is bound, whatever this request knew when it began.
  const refreshed = { ...known.session, ...result.identity, tokens: result.tokens };
  try {
    await writeSession(jar, refreshed);
    // The browser has not shown these tokens yet: another refresh of this request settles none of them.
    const tokens = { ...result.tokens, previousRefreshKey: null };
    return { kind: 'fresh', session: { ...refreshed, tokens } };
  } catch (error) {
    // Tokens too large for the cookie need the store. The result cache brings them again when it is back.
    if (findAppError(error)?.code !== 'store_unavailable') throw error;
    return { kind: 'unchanged', session };
  }
}

/**
 * Revokes every copy of the session's cookie. The cookie itself stays: a late response must not remove that
 * of a newer sign-in.
 */
async function rejectSession(
  session: Session,
  reason: RevocationReason,
  detail: string,
): Promise<FreshSessionResult> {
  await revokeSession(session, reason).catch((error: unknown) => logFailure('revocation_not_stored', error));
  return reportRevoked(session, reason, detail);
}

function reportRevoked(session: Session, reason: RevocationReason, detail?: string): FreshSessionResult {
  logRejected({ kind: 'revoked', reason, session }, detail);
  return { kind: 'login_required', reason };
}
