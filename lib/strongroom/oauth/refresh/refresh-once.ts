/** One turn at the token endpoint, for refresh-ledger.ts alone: asks unless the server needs peace, judges what came, and remembers it. */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { nowSec } from '../../base/clock';
import { AppError, findAppError } from '../../base/errors';
import { logEvent, logFailure } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import { findRevocation, isRevoked } from '../../session/revocations';
import type { Session, TokenSet } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { revokeRefreshToken } from '../token-revocation';
import { RefreshBackOff } from './back-off';
import { requestFreshTokens } from './refresh-request';
import { type CachedRefreshResult, cacheResult, settleCachedResult } from './result-cache';

export type RefreshResult =
  | CachedRefreshResult
  /** Not now: the session is as good as before, and asking again later makes sense. */
  | { kind: 'later'; reason: string };

/** An answer that was lost on the way is asked for once more: many servers let a token be used again for some seconds. @see FAPI 2.0 §5.3.2.1 */
const retryMs = 1_000;
/** One try a second for each session, at all instances together. */
const restMs = 1_000;

export type Turn = {
  /** Of the refresh token that is sent. */
  key: string;
  /** With the newest tokens that are known. */
  session: Session;
  /** The tokens that the browser showed: they may be older. */
  presented: TokenSet;
  /** Whether nobody else has the lock: a process may have been asleep. */
  isMine: () => Promise<boolean>;
  /** Whether somebody else's answer has landed. */
  isOvertaken: () => Promise<boolean>;
};

/** @returns null when another instance was faster. @throws AppError `store_unavailable` before anything is sent */
export async function refreshOnce(turn: Turn): Promise<RefreshResult | null> {
  const { key, session } = turn;
  const resting = backOff().findReason(key) ?? (await currentStore().get(restKey(key)));
  if (resting !== null) return { kind: 'later', reason: resting };
  const outcome = await requestOutcome(turn);
  if (outcome === null) return null;
  if (outcome.kind === 'later') {
    // The other instances wait a moment too.
    await currentStore()
      .set(restKey(key), outcome.reason, restMs)
      .catch(() => {});
    return outcome;
  }
  // The one who lost a race looks again before calling the session dead.
  if (outcome.kind === 'ended' && (await turn.isOvertaken().catch(() => false))) return null;
  const answer = await revokeIfSessionRevoked(session, outcome);
  await cacheOutcome(turn, answer);
  return answer;
}

async function requestOutcome(turn: Turn): Promise<RefreshResult | null> {
  const { key, session } = turn;
  if (!(await mayAsk(turn))) return null;
  try {
    const tokens = await requestWithRetry(turn);
    if (tokens === null) return null;
    logEvent('tokens_refreshed', {
      lifetimeSec: tokens.expiresAtSec - nowSec(),
      isRotated: tokens.refreshToken !== session.tokens.refreshToken,
    });
    backOff().noteSuccess(key);
    return { kind: 'fresh', tokens };
  } catch (error) {
    return explainRejection(key, AppError.from(error));
  }
}

/** Right before the request: between taking the lock and now the process may have stood still. */
async function mayAsk({ isMine, isOvertaken }: Turn): Promise<boolean> {
  return (await isMine()) && !(await isOvertaken());
}

function explainRejection(key: string, error: AppError): RefreshResult {
  const { code, reason, retryAfterSec } = error;
  const isFinal = code === 'invalid_grant';
  logFailure('refresh_failed', error, { code, reason, isFinal });
  if (isFinal) backOff().noteSuccess(key);
  else
    backOff().noteFailure(key, reason, {
      askedMs: retryAfterSec === null ? null : retryAfterSec * 1000,
      isForAll: code === 'temporarily_unavailable',
    });
  return { kind: isFinal ? 'ended' : 'later', reason };
}

/** @returns null when the lock went to somebody else before the second try */
async function requestWithRetry(turn: Turn): Promise<TokenSet | null> {
  const { key, session } = turn;
  const { tokens, user } = session;
  const ask = async () => ({
    ...(await requestFreshTokens(tokens, tokens.refreshToken ?? '', user)),
    previousRefreshKey: key,
  });
  try {
    return await ask();
  } catch (error) {
    if (findAppError(error)?.isConnectionLost !== true) throw error;
    await pause(retryMs);
    if (!(await mayAsk(turn).catch(() => false))) return null;
    return ask();
  }
}

/** Signed out while this was under way: signing out wins, whoever is still waiting, and what came is given back. */
async function revokeIfSessionRevoked(
  session: Session,
  answer: CachedRefreshResult,
): Promise<CachedRefreshResult> {
  const revocation = answer.kind === 'fresh' ? await findRevocation(session).catch(() => null) : null;
  if (revocation === null || answer.kind !== 'fresh' || !isRevoked(revocation)) return answer;
  const { refreshToken } = answer.tokens;
  // A session that was replaced shares its grant with the one in its place.
  if (refreshToken !== null && revocation.reason !== 'replaced') await revokeRefreshToken(refreshToken);
  return { kind: 'ended', reason: revocation.reason };
}

/** What the server gave is given on, even when it cannot be remembered: the store keeps what it could not write, and writes it later. */
async function cacheOutcome({ key, session, presented }: Turn, answer: CachedRefreshResult): Promise<void> {
  try {
    await cacheResult(key, answer, session);
    // What the browser showed has arrived there; what was only followed on its behalf has not.
    await settleCachedResult(presented);
  } catch (error) {
    logFailure('refresh_result_not_cached', error);
  }
}

function restKey(key: string): string {
  return `rest:${key}`;
}

function backOff(): RefreshBackOff {
  return processSingleton('refresh-backOff', () => new RefreshBackOff());
}
