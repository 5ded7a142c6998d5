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
import { logDetail, logFailure } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import { inSpan, type Step } from '../../base/span';
import type { Api } from '../../config/apis';
import { getApi, getConfig } from '../../config/config';
import { findAccessToken } from '../../session/access-token';
import { findRevocation, isRevoked } from '../../session/revocations';
import type { Session } from '../../session/session';
import { SingleFlight } from '../../store/single-flight';
import { isExpired } from '../token-age';
import { revokeRefreshToken } from '../token-revocation';
import { currentBackOff } from './back-off';
import { isTargetUnknown, noteTarget } from './known-targets';
import { RefreshLock } from './refresh-lock';
import { classify, identify, keyOfTarget, type Refresh } from './refresh-outcome';
import { type RefreshRequestResult, requestFreshTokens } from './refresh-request';
import { isAboutTarget } from './rejected-target';
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
  const token = findAccessToken(session.tokens, api);
  const isUnusable = rejectedToken !== null || token === null || isExpired(token, nowSec());
  const { waitMs = isUnusable ? pageWaitMs.tokenUnusable : pageWaitMs.tokenUsable } = wanted;
  const refresh = inSpan(stepOf(api), async (note) => {
    const result = await findOrRefresh(session, { api, rejectedToken }).catch(toRetryLater);
    note({ 'strongroom.refresh': result.kind });
    return result;
  });
  return waitAtMost<RefreshResult>(waitMs, refresh, { kind: 'retry_later', reason: 'still_waiting' });
}

function stepOf({ name }: Api): Step {
  return { name: 'refresh', attributes: { 'strongroom.api': name } };
}

async function findOrRefresh(session: Session, wanted: Required<Wanted>): Promise<RefreshResult> {
  const { api } = wanted;
  if (!isRefreshable(session.tokens)) return { kind: 'login_required', reason: 'no_refresh_token' };
  let link = toChainLink(session.tokens);
  for (let round = 0; round < maxRounds * getConfig().apis.length; round += 1) {
    // 1. The result cache.
    const found = await resultCache.follow(link, wanted);
    if (found.kind !== 'due') {
      logDetail('refresh_saved', { by: 'cache' });
      return found;
    }
    link = found.link;
    // 2. The refresh in flight in this process.
    if (inFlight().has(link.key)) logDetail('refresh_saved', { by: 'flight' });
    const flight = await inFlight().share(link.key, () => startFlight(session, found.link, api));
    const { result, tokenName } = flight;
    // Another instance was faster, and its result is in the cache by now.
    if (result === null) continue;
    if (tokenName === api.tokenName || result.kind === 'login_required') return result;
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
  const classified = await classify(refresh, response);
  const result = response.kind === 'fresh' ? await identify(refresh, classified) : classified;
  // A store that lost the lock let two instances send: the one that is rejected takes the other's tokens.
  if (result.kind === 'login_required' && (await hasNewerResult(link).catch(() => false))) return null;
  const final = await letSignOutWin(session, result);
  const isAboutApi = response.kind === 'failed' && isAboutTarget(response.error, api);
  await cacheResult(session, isAboutApi && final.kind === 'retry_later' ? targetKey : link.key, final);
  return final;
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
  if (isTargetUnknown(api)) return { kind: 'failed', error: new AppError('invalid_target') };
  if (!(await isAlone(link, lock))) return null;
  const request = async () => noteTarget(api, await requestFreshTokens(link, user, api), user);
  const first = await request();
  if (first.kind === 'fresh' || !first.error.isConnectionLost) return first;
  await pause(repeatMs);
  return (await isAlone(link, lock)) ? request() : null;
}

/** A user who signed out during the refresh stays signed out, and the new refresh token is revoked. */
async function letSignOutWin(session: Session, result: RefreshResult): Promise<RefreshResult> {
  if (result.kind !== 'fresh') return result;
  // A store that is down is logged when the result is cached, right after this.
  const revocation = await findRevocation(session).catch(() => null);
  if (revocation === null || !isRevoked(revocation)) return result;
  // A session that was replaced shares its grant with the one in its place.
  if (revocation.reason !== 'replaced') await revokeRefreshToken(result.tokens.refreshToken);
  return { kind: 'login_required', reason: revocation.reason };
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
