/** One turn at the token endpoint, for refresh-ledger.ts alone: asks unless the server needs peace, judges what came, and remembers it. */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { nowSec } from '@/lib/base/clock';
import { AppError, findAppError } from '@/lib/base/errors';
import { logEvent, logFailure } from '@/lib/base/log';
import { keepInProcess } from '@/lib/base/process-memory';
import { findEnding, isOver } from '@/lib/session/endings';
import type { Session, TokenSet } from '@/lib/session/session';
import { currentStore } from '@/lib/store/current-store';
import { RefreshPauses } from './refresh-pauses';
import { requestFreshTokens } from './refresh-request';
import { type RefreshAnswer, rememberAnswer, settleAnswer } from './remembered-answers';
import { revokeRefreshToken } from './revocation';

export type RefreshOutcome =
  | RefreshAnswer
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

/** @returns null when another instance was faster. @throws AppError `store_down` before anything is sent */
export async function refreshOnce(turn: Turn): Promise<RefreshOutcome | null> {
  const { key, session } = turn;
  const resting = pauses().findReason(key) ?? (await currentStore().get(restKey(key)));
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
  const answer = await giveBackIfOver(session, outcome);
  await keepAnswer(turn, answer);
  return answer;
}

async function requestOutcome(turn: Turn): Promise<RefreshOutcome | null> {
  const { key, session } = turn;
  if (!(await mayAsk(turn))) return null;
  try {
    const tokens = await requestWithRetry(turn);
    if (tokens === null) return null;
    logEvent('tokens_refreshed', {
      lifetimeSec: tokens.expiresAtSec - nowSec(),
      isRotated: tokens.refreshToken !== session.tokens.refreshToken,
    });
    pauses().noteSuccess(key);
    return { kind: 'fresh', tokens };
  } catch (error) {
    return explainRefusal(key, findAppError(error) ?? new AppError('unexpected', { cause: error }));
  }
}

/** Right before the request: between taking the lock and now the process may have stood still. */
async function mayAsk({ isMine, isOvertaken }: Turn): Promise<boolean> {
  return (await isMine()) && !(await isOvertaken());
}

function explainRefusal(key: string, error: AppError): RefreshOutcome {
  const { code, reason, retryAfterSec } = error;
  const isFinal = code === 'sign_in_expired';
  logFailure('refresh_failed', error, { code, reason, isFinal });
  if (isFinal) pauses().noteSuccess(key);
  else
    pauses().noteFailure(key, reason, {
      askedMs: retryAfterSec === null ? null : retryAfterSec * 1000,
      isForAll: code === 'sign_in_service_down',
    });
  return { kind: isFinal ? 'ended' : 'later', reason };
}

/** @returns null when the lock went to somebody else before the second try */
async function requestWithRetry(turn: Turn): Promise<TokenSet | null> {
  const { key, session } = turn;
  const { tokens, user } = session;
  const ask = async () => ({
    ...(await requestFreshTokens(tokens, tokens.refreshToken ?? '', user)),
    replaces: key,
  });
  try {
    return await ask();
  } catch (error) {
    if (findAppError(error)?.reason !== 'network') throw error;
    await pause(retryMs);
    if (!(await mayAsk(turn).catch(() => false))) return null;
    return ask();
  }
}

/** Signed out while this was under way: signing out wins, whoever is still waiting, and what came is given back. */
async function giveBackIfOver(session: Session, answer: RefreshAnswer): Promise<RefreshAnswer> {
  const ending = answer.kind === 'fresh' ? await findEnding(session).catch(() => null) : null;
  if (ending === null || answer.kind !== 'fresh' || !isOver(ending)) return answer;
  const { refreshToken } = answer.tokens;
  // A session that was replaced shares its grant with the one in its place.
  if (refreshToken !== null && ending.reason !== 'replaced') await revokeRefreshToken(refreshToken);
  return { kind: 'ended', reason: ending.reason };
}

/** What the server gave is given on, even when it cannot be remembered: the store keeps what it could not write, and writes it later. */
async function keepAnswer({ key, session, presented }: Turn, answer: RefreshAnswer): Promise<void> {
  try {
    await rememberAnswer(key, answer, session);
    // What the browser showed has arrived there; what was only followed on its behalf has not.
    await settleAnswer(presented);
  } catch (error) {
    logFailure('refresh_not_remembered', error);
  }
}

function restKey(key: string): string {
  return `rest:${key}`;
}

function pauses(): RefreshPauses {
  return keepInProcess('refresh-pauses', () => new RefreshPauses());
}
