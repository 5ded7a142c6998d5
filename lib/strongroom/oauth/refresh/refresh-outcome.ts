/**
 * What the response to a refresh means: new tokens, an end of the session, or a failure that may pass. The
 * coordinator asks, while it holds the lock.
 */
import 'server-only';
import { nowSec } from '../../base/clock';
import { AppError } from '../../base/errors';
import { logEvent, logFailure } from '../../base/log';
import type { Api } from '../../config/apis';
import { findAccessToken } from '../../session/access-token';
import type { Session } from '../../session/session';
import { isExpired } from '../token-age';
import { revokeRefreshToken } from '../token-revocation';
import { currentBackOff } from './back-off';
import type { RefreshRequestResult } from './refresh-request';
import { readRefreshedIdentity } from './refreshed-identity';
import { isAboutTarget, keepToItsTarget, pauseTarget } from './rejected-target';
import {
  type ChainLink,
  type RefreshableTokens,
  type RefreshResult,
  resultCache,
  toChainLink,
} from './result-cache';

/**
 * A server that goes on rejecting a refresh token for so long does not take it again, whatever it says. The
 * count begins when the access token is over.
 */
const rejectedForGoodSec = 60;
/** One refresh: the refresh token of `link` is sent for a token for `api`. */
export type Refresh = { session: Session; link: ChainLink; api: Api };

/** Under which a failure is noted that is about this API alone: the others may send the refresh token. */
export function keyOfTarget({ key }: ChainLink, { name }: Api): string {
  return `${key}:${name}`;
}

/** Userinfo about another user says that the new tokens are another user's: none of them is used. */
export async function identify(
  { session, link, api }: Refresh,
  result: RefreshResult,
): Promise<RefreshResult> {
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
    return { kind: 'login_required', reason };
  }
}

export async function classify(
  { link, api }: Refresh,
  response: RefreshRequestResult,
): Promise<RefreshResult> {
  const { key, tokens: old } = link;
  if (response.kind === 'fresh') {
    const { tokens } = response;
    const lifetimeSec = (findAccessToken(tokens, api)?.expiresAtSec ?? nowSec()) - nowSec();
    const isRotated = tokens.refreshToken !== old.refreshToken;
    logEvent('tokens_refreshed', { api: api.name, lifetimeSec, isRotated });
    currentBackOff().reset(key);
    if (!isRotated) await resultCache.forgetRejection(key).catch(() => {});
    return { kind: 'fresh', tokens: keepToItsTarget(tokens, api), identity: link.identity };
  }
  const { error } = response;
  const kept = response.kind === 'unusable' ? response.tokens : old;
  if (api.tokenName !== null && (response.kind === 'unusable' || isAboutTarget(error, api)))
    return { kind: 'fresh', tokens: pauseTarget(kept, api, error), identity: link.identity };
  if (kept.refreshToken === old.refreshToken) return classifyFailure(link, api, error);
  return keepRotation(link, kept, error);
}

/** The refresh token of `link` is used up: the session goes on with the next one, and its access token. */
function keepRotation(link: ChainLink, tokens: RefreshableTokens, error: AppError): RefreshResult {
  const { code, reason } = error;
  logFailure('refresh_failed', error, { code, reason, isFinal: false });
  currentBackOff().noteFailure(toChainLink(tokens).key, error);
  return { kind: 'fresh', tokens, identity: link.identity };
}

async function classifyFailure(link: ChainLink, api: Api, error: AppError): Promise<RefreshResult> {
  const { code, reason } = error;
  const isRejectedForGood = await isRejectedLongEnough(link, error).catch(() => false);
  const isFinal = code === 'invalid_grant' || isRejectedForGood;
  logFailure('refresh_failed', error, { code, reason, isFinal });
  if (isFinal) currentBackOff().reset(link.key);
  else currentBackOff().noteFailure(isAboutTarget(error, api) ? keyOfTarget(link, api) : link.key, error);
  return {
    kind: isFinal ? 'login_required' : 'retry_later',
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
