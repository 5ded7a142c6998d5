/**
 * Refreshes tokens so that no race signs a user out. One refresh token may be in many requests at several
 * instances, and a request that left the browser before the new cookie arrived still carries the old one. The
 * numbered steps are those of docs/refresh.md.
 * @see RFC 9700 §4.14.2 (rotation and reuse detection)
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { nowSec } from '../../base/clock';
import { waitAtMost } from '../../base/deadline';
import { AppError, findAppError } from '../../base/errors';
import { logEvent, logFailure } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import type { Api } from '../../config/apis';
import { getApi, getConfig } from '../../config/config';
import { findAccessToken } from '../../session/access-token';
import { findRevocation, isRevoked } from '../../session/revocations';
import type { Session } from '../../session/session';
import { SingleFlight } from '../../store/single-flight';
import { isExpired } from '../token-age';
import { revokeRefreshToken } from '../token-revocation';
import { currentBackOff } from './back-off';
import { RefreshLock } from './refresh-lock';
import { type RefreshRequestResult, requestFreshTokens } from './refresh-request';
import { readRefreshedIdentity } from './refreshed-identity';
import { isAboutTarget, keepToItsTarget, pauseTarget } from './rejected-target';
import {
  type ChainLink,
  isRefreshable,
  listTokens,
  type RefreshResult,
  resultCache,
  toChainLink,
  type Wanted,
} from './result-cache';

/** How long a page waits, with a usable access token and without one. The refresh itself goes on. */
const pageWaitMs = { tokenUsable: 1_500, tokenUnusable: 8_000 };
/** For each API: the refreshes of others come first. */
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
 * New tokens for the session, from the cache or from the authorization server. Never throws. All APIs are one
 * queue: each refresh takes the refresh token that the one before brought.
 */
export function refreshTokens(
  session: Session,
  wanted: Wanted & { waitMs?: number } = {},
): Promise<RefreshResult> {
  const { api = getApi(), rejectedToken = null } = wanted;
  const token = findAccessToken(session.tokens, api.tokenName);
  const isUnusable = rejectedToken !== null || token === null || isExpired(token, nowSec());
  const { waitMs = isUnusable ? pageWaitMs.tokenUnusable : pageWaitMs.tokenUsable } = wanted;
  const refresh = findOrRefresh(session, { api, rejectedToken }).catch(toRetryLater);
  return waitAtMost<RefreshResult>(waitMs, refresh, { kind: 'retry_later', reason: 'still_waiting' });
}

async function findOrRefresh(session: Session, wanted: Required<Wanted>): Promise<RefreshResult> {
  const { api } = wanted;
  if (!isRefreshable(session.tokens)) return { kind: 'invalid_grant', reason: 'no_refresh_token' };
  let link = toChainLink(session.tokens);
  for (let round = 0; round < maxRounds * getConfig().apis.length; round += 1) {
    // 1. The result cache.
    const found = await resultCache.follow(link, wanted);
    if (found.kind !== 'due') return found;
    link = found.link;
    // 2. The refresh in flight in this process.
    const flight = await inFlight().share(link.key, () => startFlight(session, found.link, api));
    const { result, tokenName } = flight;
    // Another instance was faster, and its result is in the cache by now.
    if (result === null) continue;
    if (tokenName === api.tokenName || result.kind === 'invalid_grant') return result;
    // The refresh was for another API: its refresh token is the next one of the queue.
    if (result.kind === 'fresh') link = toChainLink(result.tokens, result.identity ?? link.identity);
  }
  return { kind: 'retry_later', reason: 'overtaken' };
}

type Flight = { tokenName: string | null; result: RefreshResult | null };

async function startFlight(session: Session, link: ChainLink, api: Api): Promise<Flight> {
  return { tokenName: api.tokenName, result: await refreshWithLock(session, link, api) };
}

/** 3. The lock over all instances. @returns null when another instance was faster */
async function refreshWithLock(session: Session, link: ChainLink, api: Api): Promise<RefreshResult | null> {
  const lock = new RefreshLock(link.key);
  for (let poll = 0; !(await lock.acquire()); poll += 1) {
    if (poll === maxLockPolls || (await hasNewerResult(link))) return null;
    await pause(lockPollMs * (0.75 + Math.random() / 2));
  }
  try {
    return await refreshAlone({ session, link, api }, lock);
  } finally {
    await lock.release();
  }
}

type Refresh = { session: Session; link: ChainLink; api: Api };

async function refreshAlone(refresh: Refresh, lock: RefreshLock): Promise<RefreshResult | null> {
  const { session, link, api } = refresh;
  const targetKey = keyOfTarget(link, api);
  const waitReason =
    currentBackOff().findReason(link.key, targetKey) ??
    (await resultCache.readFailure(link.key)) ??
    (await resultCache.readFailure(targetKey));
  if (waitReason !== null) return { kind: 'retry_later', reason: waitReason };
  const response = await requestWhileAlone(refresh, lock);
  if (response === null) return null;
  const result = await identify(refresh, await classify(refresh, response));
  // A store that lost the lock let two instances send: the one that is rejected takes the other's tokens.
  if (result.kind === 'invalid_grant' && (await hasNewerResult(link).catch(() => false))) return null;
  const final = await letSignOutWin(session, result);
  const isAboutApi = response.kind === 'failed' && isAboutTarget(response.error, api);
  await cacheResult(session, isAboutApi && final.kind === 'retry_later' ? targetKey : link.key, final);
  return final;
}

/** Under which a failure is noted that is about this API alone: the others may send the refresh token. */
function keyOfTarget({ key }: ChainLink, { name }: Api): string {
  return `${key}:${name}`;
}

/** 4. The cache again, right before the request: this process may have stood still, and lost the lock. */
async function isAlone(link: ChainLink, lock: RefreshLock): Promise<boolean> {
  return (await lock.isHeld()) && !(await hasNewerResult(link));
}

/** Also one for another API: what is merged into older tokens would undo it. */
async function hasNewerResult({ key, tokens }: ChainLink): Promise<boolean> {
  const result = await resultCache.read(key);
  return (
    result !== null &&
    (result.kind !== 'fresh' || !isDeepStrictEqual(listTokens(result.tokens), listTokens(tokens)))
  );
}

/** 5. The request, repeated once if its response was lost. @returns null when another instance was faster */
async function requestWhileAlone(
  { session: { user }, link, api }: Refresh,
  lock: RefreshLock,
): Promise<RefreshRequestResult | null> {
  if (!(await isAlone(link, lock))) return null;
  const first = await requestFreshTokens(link, user, api);
  if (first.kind === 'fresh' || !first.error.isConnectionLost) return first;
  await pause(repeatMs);
  return (await isAlone(link, lock)) ? requestFreshTokens(link, user, api) : null;
}

/** Userinfo about another user says that the new tokens are another user's: none of them is used. */
async function identify({ session, link, api }: Refresh, result: RefreshResult): Promise<RefreshResult> {
  // Userinfo takes the token that came with the sign-in, and may have none for other APIs.
  if (result.kind !== 'fresh' || api.tokenName !== null) return result;
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

async function classify({ link, api }: Refresh, response: RefreshRequestResult): Promise<RefreshResult> {
  const { key, tokens: old } = link;
  if (response.kind === 'fresh') {
    const { tokens } = response;
    const lifetimeSec = (findAccessToken(tokens, api.tokenName)?.expiresAtSec ?? nowSec()) - nowSec();
    const isRotated = tokens.refreshToken !== old.refreshToken;
    logEvent('tokens_refreshed', { api: api.name, lifetimeSec, isRotated });
    currentBackOff().noteSuccess(key);
    if (!isRotated) await resultCache.forgetRejection(key).catch(() => {});
    return { kind: 'fresh', tokens: keepToItsTarget(tokens, api), identity: null };
  }
  if (api.tokenName !== null && isAboutTarget(response.error, api))
    return { kind: 'fresh', tokens: pauseTarget(old, api, response.error), identity: null };
  return classifyFailure(link, api, response.error);
}

async function classifyFailure(link: ChainLink, api: Api, error: AppError): Promise<RefreshResult> {
  const { code, reason } = error;
  const isRejectedForGood = await isRejectedLongEnough(link, error).catch(() => false);
  const isFinal = code === 'invalid_grant' || isRejectedForGood;
  logFailure('refresh_failed', error, { code, reason, isFinal });
  if (isFinal) currentBackOff().noteSuccess(link.key);
  else currentBackOff().noteFailure(isAboutTarget(error, api) ? keyOfTarget(link, api) : link.key, error);
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
async function cacheResult(session: Session, key: string, result: RefreshResult): Promise<void> {
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

function inFlight(): SingleFlight<Flight> {
  return processSingleton('refresh-flights', () => new SingleFlight<Flight>());
}
