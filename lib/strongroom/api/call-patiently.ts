/**
 * What becomes of a token that the API rejects. A 401 is about one token and one resource: it never ends a
 * session. A token that is not yet valid by the API's clock is sent once more after at most four seconds, and within the
 * time of its call; any other is replaced once; and an API that rejects the new token too is `unavailable` to this user.
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs, nowSec } from '../base/clock';
import { canReplaceToken } from '../oauth/token-age';
import type { ApiResult } from './api-result';
import type { ApiSession } from './api-session';
import { logCall, TokenRejectedError } from './log-call';
import { secondsUntilValid, type TokenRejection } from './token-rejection';

/** A result, and for the log why there is no better one. */
export type CallOutcome<T> = { result: ApiResult<T>; cause?: unknown };

export type Call<T> = {
  method: string;
  /** What was asked for, for the log. */
  resource: string;
  /** Runs again after a wait. */
  send: () => Promise<CallOutcome<T>>;
  /** By the monotonic clock: no wait goes beyond it. */
  endsAtMs?: number;
};

/** No page is held longer than this for the sake of a clock. */
const maxWaitSec = 4;
/** Two timers are never quite the same. */
const marginMs = 100;

export async function callPatiently<T>(session: ApiSession, call: Call<T>): Promise<CallOutcome<T>> {
  const first = await call.send();
  if (first.result.kind !== 'invalid_token') return first;
  const { rejection } = first.result;
  const waitSec = secondsUntilValid(session.tokens, rejection);
  if (waitSec === 0) return settle(session, first);
  const { method, resource, endsAtMs = Number.POSITIVE_INFINITY } = call;
  const waitMs = waitSec * 1_000 + marginMs;
  if (waitSec > maxWaitSec || monotonicMs() + waitMs >= endsAtMs)
    return unavailable(session, rejection, waitSec);
  const reason = 'token_not_yet_valid';
  logCall('api_response', { method, resource, reason }, new TokenRejectedError(session, rejection));
  await pause(waitMs);
  return settle(session, await call.send());
}

/** Where the token cannot be replaced, or just has been, a rejection is the API's last word for now. */
function settle<T>(session: ApiSession, outcome: CallOutcome<T>): CallOutcome<T> {
  const { result } = outcome;
  if (result.kind !== 'invalid_token' || canReplaceToken(session, nowSec())) return outcome;
  return unavailable(session, result.rejection, null);
}

function unavailable(
  session: ApiSession,
  rejection: TokenRejection,
  retryAfterSec: number | null,
): CallOutcome<never> {
  const cause = new TokenRejectedError(session, rejection);
  const problem = 'token_rejected';
  if (retryAfterSec === null)
    return { result: { kind: 'unavailable', reason: 'invalid_token', problem }, cause };
  return { result: { kind: 'unavailable', reason: 'token_not_yet_valid', problem, retryAfterSec }, cause };
}
