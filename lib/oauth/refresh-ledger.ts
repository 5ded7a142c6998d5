/**
 * Refreshing without losing anyone. A refresh token may be in many requests at once, at several instances, and a request that left the
 * browser before the new cookie arrived still carries the old one. So, in this order: the remembered answer for that refresh token, the
 * refresh that is already under way here, the lock over all instances, a second look, and only then a request. docs/refresh.md draws it.
 * @see RFC 9700 §4.14.2 (rotation and reuse detection)
 */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { waitAtMost } from '@/lib/base/deadline';
import { findAppError } from '@/lib/base/errors';
import { logFailure } from '@/lib/base/log';
import { keepInProcess } from '@/lib/base/process-memory';
import type { Session, TokenSet } from '@/lib/session/session';
import { SingleFlight } from '@/lib/store/single-flight';
import { withRefreshLock } from './refresh-lock';
import { type RefreshOutcome, refreshOnce } from './refresh-once';
import { ledgerKey, recallAnswer } from './remembered-answers';
import { isExpired, needsRefresh } from './token-age';

export type { RefreshOutcome };

/** How long one page waits for a refresh, with a token that still works and without; the refresh itself goes on. */
const patienceMs = { whileGood: 1_500, whileUseless: 8_000 };
/** A browser's cookie is this many rotations behind at the most: with tokens of two seconds, three minutes. */
const maxHops = 100;
const maxTurns = 5;

/**
 * New tokens for the session, from memory if somebody already fetched them. Never throws.
 * @param refused the access token that the API does not take any more, although it looks good; it is never given again
 */
export async function refreshTokens(
  session: Session,
  refused: string | null = null,
): Promise<RefreshOutcome> {
  const isUseless = refused !== null || isExpired(session.tokens, nowSec());
  const patience = isUseless ? patienceMs.whileUseless : patienceMs.whileGood;
  const work = findOrRefresh(session, refused).catch(explainFailure);
  return waitAtMost<RefreshOutcome>(patience, work, { kind: 'later', reason: 'still_waiting' });
}

async function findOrRefresh(session: Session, refused: string | null): Promise<RefreshOutcome> {
  let newest = session.tokens;
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const found = await followAnswers(newest, refused);
    if (found.kind !== 'due') return found;
    newest = found.tokens;
    const outcome = await refreshInTurn(session, found);
    if (outcome !== null) return outcome;
    // Somebody else was faster: their answer is the next one to follow.
  }
  return { kind: 'later', reason: 'overtaken' };
}

type Due = { kind: 'due'; tokens: TokenSet; refreshToken: string };

/** From the session's tokens to the newest ones that are known: usable ones, an end, or those that are due. */
async function followAnswers(tokens: TokenSet, refused: string | null): Promise<RefreshOutcome | Due> {
  let newest = tokens;
  for (let hop = 0; hop < maxHops; hop += 1) {
    const { refreshToken } = newest;
    if (refreshToken === null) return { kind: 'ended', reason: 'no_refresh_token' };
    const answer = await recallAnswer(ledgerKey(refreshToken));
    if (answer?.kind === 'ended') return answer;
    if (answer !== null && isUsable(answer.tokens, refused)) return answer;
    if (answer === null) return judgeDue(newest, refreshToken);
    if (answer.tokens.refreshToken === refreshToken) return judgeDue(answer.tokens, refreshToken);
    newest = answer.tokens;
  }
  return { kind: 'later', reason: 'too_many_hops' };
}

/** A refresh token that has ended, as the server said it would, is not worth a question. */
function judgeDue(tokens: TokenSet, refreshToken: string): RefreshOutcome | Due {
  const { refreshEndsAtSec } = tokens;
  if (refreshEndsAtSec !== null && refreshEndsAtSec <= nowSec())
    return { kind: 'ended', reason: 'refresh_token_expired' };
  return { kind: 'due', tokens, refreshToken };
}

function isUsable(tokens: TokenSet, refused: string | null): boolean {
  return tokens.accessToken !== refused && !needsRefresh(tokens, nowSec(), 0);
}

/** @returns null when another instance refreshed meanwhile */
function refreshInTurn(session: Session, { tokens, refreshToken }: Due): Promise<RefreshOutcome | null> {
  const key = ledgerKey(refreshToken);
  const isOvertaken = async () => {
    const answer = await recallAnswer(key);
    return answer !== null && !(answer.kind === 'fresh' && answer.tokens.accessToken === tokens.accessToken);
  };
  const due = { key, session: { ...session, tokens }, presented: session.tokens };
  return flights().share(key, () =>
    withRefreshLock(key, isOvertaken, (isMine) => refreshOnce({ ...due, isMine, isOvertaken })),
  );
}

function explainFailure(error: unknown): RefreshOutcome {
  const known = findAppError(error);
  if (known?.code !== 'store_down') logFailure('refresh_failed', error, { code: 'unexpected' });
  return { kind: 'later', reason: known?.reason ?? 'unexpected' };
}

function flights(): SingleFlight<RefreshOutcome | null> {
  return keepInProcess('refresh-flights', () => new SingleFlight<RefreshOutcome | null>());
}
