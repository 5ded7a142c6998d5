/**
 * Refreshes tokens so that no race signs a user out. One refresh token may be in many requests at several
 * instances, and a request that left the browser before the new cookie arrived still carries the old one. The
 * numbered steps are those of docs/refresh.md.
 * @see RFC 9700 §4.14.2 (rotation and reuse detection)
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { nowSec } from '../../base/clock';
import { waitAtMost } from '../../base/deadline';
import { AppError, findAppError } from '../../base/errors';
import { logEvent, logFailure } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import { findRevocation, isRevoked } from '../../session/revocations';
import type { Session } from '../../session/session';
import { SingleFlight } from '../../store/single-flight';
import { isExpired } from '../token-age';
import { revokeRefreshToken } from '../token-revocation';
import { currentBackOff } from './back-off';
import { RefreshLock } from './refresh-lock';
import { type RefreshRequestResult, requestFreshTokens } from './refresh-request';
import { readRefreshedIdentity } from './refreshed-identity';
import { type ChainLink, isRefreshable, type RefreshResult, resultCache, toChainLink } from './result-cache';

/** How long a page waits, with a usable access token and without one. The refresh itself goes on. */
const pageWaitMs = { tokenUsable: 1_500, tokenUnusable: 8_000 };
const maxRounds = 5;
const lockPollMs = 100;
/** About 250 seconds: longer than one request with its repetition takes. */
const maxLockPolls = 2_500;
/**
 * A server that goes on rejecting a refresh token for so long does not take it again, whatever it says. The
 * count begins when the access token is over.
 */
const rejectedForGoodSec = 60;
/** Many servers accept a used refresh token for some seconds more. @see FAPI 2.0 §5.3.2.1 */
const repeatMs = 1_000;

/**
 * New tokens for the session, from the cache or from the authorization server. Never throws.
 * @param rejectedToken an access token that the API rejected although it looks good; it is not returned again
 */
export function refreshTokens(session: Session, rejectedToken: string | null = null): Promise<RefreshResult> {
  const isUnusable = rejectedToken !== null || isExpired(session.tokens, nowSec());
  const waitMs = isUnusable ? pageWaitMs.tokenUnusable : pageWaitMs.tokenUsable;
  const refresh = findOrRefresh(session, rejectedToken).catch(toRetryLater);
  return waitAtMost<RefreshResult>(waitMs, refresh, { kind: 'retry_later', reason: 'still_waiting' });
}

async function findOrRefresh(session: Session, rejectedToken: string | null): Promise<RefreshResult> {
  if (!isRefreshable(session.tokens)) return { kind: 'invalid_grant', reason: 'no_refresh_token' };
  let link = toChainLink(session.tokens);
  for (let round = 0; round < maxRounds; round += 1) {
    // 1. The result cache.
    const found = await resultCache.follow(link, rejectedToken);
    if (found.kind !== 'due') return found;
    link = found.link;
    // 2. The refresh in flight in this process.
    const result = await inFlight().share(link.key, () => refreshWithLock(session, found.link));
    if (result !== null) return result;
    // Another instance was faster, and its result is in the cache by now.
  }
  return { kind: 'retry_later', reason: 'overtaken' };
}

/** 3. The lock over all instances. @returns null when another instance was faster */
async function refreshWithLock(session: Session, link: ChainLink): Promise<RefreshResult | null> {
  const lock = new RefreshLock(link.key);
  for (let poll = 0; !(await lock.acquire()); poll += 1) {
    if (poll === maxLockPolls || (await hasNewerResult(link))) return null;
    await pause(lockPollMs * (0.75 + Math.random() / 2));
  }
  try {
    return await refreshAlone(session, link, lock);
  } finally {
    await lock.release();
  }
}

async function refreshAlone(
  session: Session,
  link: ChainLink,
  lock: RefreshLock,
): Promise<RefreshResult | null> {
  const waitReason = currentBackOff().findReason(link.key) ?? (await resultCache.readFailure(link.key));
  if (waitReason !== null) return { kind: 'retry_later', reason: waitReason };
  const response = await requestWhileAlone(session, link, lock);
  if (response === null) return null;
  const result = await identify(session, link, await classify(link, response));
  // A store that lost the lock let two instances send: the one that is rejected takes the other's tokens.
  if (result.kind === 'invalid_grant' && (await hasNewerResult(link).catch(() => false))) return null;
  const final = await letSignOutWin(session, result);
  await cacheResult(session, link, final);
  return final;
}

/** 4. The cache again, right before the request: this process may have stood still, and lost the lock. */
async function isAlone(link: ChainLink, lock: RefreshLock): Promise<boolean> {
  return (await lock.isHeld()) && !(await hasNewerResult(link));
}

async function hasNewerResult({ key, tokens }: ChainLink): Promise<boolean> {
  const result = await resultCache.read(key);
  return result !== null && (result.kind !== 'fresh' || result.tokens.accessToken !== tokens.accessToken);
}

/** 5. The request, repeated once if its response was lost. @returns null when another instance was faster */
async function requestWhileAlone(
  { user }: Session,
  link: ChainLink,
  lock: RefreshLock,
): Promise<RefreshRequestResult | null> {
  if (!(await isAlone(link, lock))) return null;
  const first = await requestFreshTokens(link, user);
  if (first.kind === 'fresh' || !first.error.isConnectionLost) return first;
  await pause(repeatMs);
  return (await isAlone(link, lock)) ? requestFreshTokens(link, user) : null;
}

/** Userinfo about another user says that the new tokens are another user's: none of them is used. */
async function identify(session: Session, link: ChainLink, result: RefreshResult): Promise<RefreshResult> {
  if (result.kind !== 'fresh') return result;
  const { tokens } = result;
  try {
    return { kind: 'fresh', tokens, identity: await readRefreshedIdentity(session, link, tokens) };
  } catch (error) {
    const { code, reason } = AppError.from(error);
    const isFinal = code === 'invalid_response';
    logFailure(isFinal ? 'refresh_failed' : 'userinfo_failed', error, { code, reason, isFinal });
    if (!isFinal) return result;
    await revokeRefreshToken(tokens.refreshToken);
    return { kind: 'invalid_grant', reason };
  }
}

async function classify(link: ChainLink, response: RefreshRequestResult): Promise<RefreshResult> {
  const { key, tokens: old } = link;
  if (response.kind === 'fresh') {
    const lifetimeSec = response.tokens.expiresAtSec - nowSec();
    const isRotated = response.tokens.refreshToken !== old.refreshToken;
    logEvent('tokens_refreshed', { lifetimeSec, isRotated });
    currentBackOff().noteSuccess(key);
    if (!isRotated) await resultCache.forgetRejection(key).catch(() => {});
    return { ...response, identity: null };
  }
  const { code, reason } = response.error;
  const isRejectedForGood = await isRejectedLongEnough(link, response.error).catch(() => false);
  const isFinal = code === 'invalid_grant' || isRejectedForGood;
  logFailure('refresh_failed', response.error, { code, reason, isFinal });
  if (isFinal) currentBackOff().noteSuccess(key);
  else currentBackOff().noteFailure(key, response.error);
  return {
    kind: isFinal ? 'invalid_grant' : 'retry_later',
    reason: isRejectedForGood ? 'refresh_rejected' : reason,
  };
}

/**
 * Not every server says `invalid_grant` for a refresh token that is over: some respond with 400 and nothing,
 * with `invalid_request`, or with a code of their own.
 */
async function isRejectedLongEnough({ key, tokens }: ChainLink, error: AppError): Promise<boolean> {
  if (!error.isUnexplainedRejection || !isExpired(tokens, nowSec())) {
    await resultCache.forgetRejection(key);
    return false;
  }
  return (await resultCache.noteRejection(key)) >= rejectedForGoodSec;
}

/** A user who signed out during the refresh stays signed out, and the new refresh token is revoked. */
async function letSignOutWin(session: Session, result: RefreshResult): Promise<RefreshResult> {
  if (result.kind !== 'fresh') return result;
  // A store that is down is logged when the result is cached, right after this.
  const revocation = await findRevocation(session).catch(() => null);
  if (revocation === null || !isRevoked(revocation)) return result;
  // A session that was replaced shares its grant with the one in its place.
  if (revocation.reason !== 'replaced') await revokeRefreshToken(result.tokens.refreshToken);
  return { kind: 'invalid_grant', reason: revocation.reason };
}

/** Never throws: the waiting requests get their tokens, whether or not these could be cached. */
async function cacheResult(session: Session, { key }: ChainLink, result: RefreshResult): Promise<void> {
  try {
    await resultCache.store(key, result, session);
    // Only the tokens that the browser showed have arrived there; those that were followed may not have.
    await resultCache.settle(session.tokens);
  } catch (error) {
    logFailure('refresh_result_not_cached', error);
  }
}

function toRetryLater(error: unknown): RefreshResult {
  const known = findAppError(error);
  if (known?.code !== 'store_unavailable') logFailure('refresh_failed', error, { code: 'internal_error' });
  return { kind: 'retry_later', reason: known?.reason ?? 'internal_error' };
}

function inFlight(): SingleFlight<RefreshResult | null> {
  return processSingleton('refresh-flights', () => new SingleFlight<RefreshResult | null>());
}
