/**
 * Refreshing without losing anyone. A refresh token may be in many requests at once, at several instances, and a request that left the
 * browser before the new cookie arrived still carries the old one. So, in this order: the remembered answer for that refresh token, the
 * refresh that is already under way here, the lock over all instances, a second look, and only then a request. docs/refresh.md draws it.
 * @see RFC 9700 §4.14.2 (rotation and reuse detection)
 */
import 'server-only';
import { nowSec } from '../../base/clock';
import { waitAtMost } from '../../base/deadline';
import { findAppError } from '../../base/errors';
import { logFailure } from '../../base/log';
import { processSingleton } from '../../base/process-singleton';
import type { Session, TokenSet } from '../../session/session';
import { SingleFlight } from '../../store/single-flight';
import { isExpired, needsRefresh } from '../token-age';
import { withRefreshLock } from './refresh-lock';
import { type RefreshResult, refreshOnce } from './refresh-once';
import { readCachedResult, refreshKey } from './result-cache';

export type { RefreshResult };

/** How long one page waits for a refresh, with a token that still works and without; the refresh itself goes on. */
const patienceMs = { whileGood: 1_500, whileUseless: 8_000 };
/** A browser's cookie is this many rotations behind at the most: with tokens of two seconds, three minutes. */
const maxRotationsBehind = 100;
const maxTurns = 5;

/**
 * New tokens for the session, from memory if somebody already fetched them. Never throws.
 * @param rejected the access token that the API does not take any more, although it looks good; it is never given again
 */
export async function refreshTokens(
  session: Session,
  rejected: string | null = null,
): Promise<RefreshResult> {
  const isUseless = rejected !== null || isExpired(session.tokens, nowSec());
  const patience = isUseless ? patienceMs.whileUseless : patienceMs.whileGood;
  const work = findOrRefresh(session, rejected).catch(explainFailure);
  return waitAtMost<RefreshResult>(patience, work, { kind: 'later', reason: 'still_waiting' });
}

async function findOrRefresh(session: Session, rejected: string | null): Promise<RefreshResult> {
  let newest = session.tokens;
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const found = await followCachedResults(newest, rejected);
    if (found.kind !== 'due') return found;
    newest = found.tokens;
    const outcome = await refreshWithLock(session, found);
    if (outcome !== null) return outcome;
    // Somebody else was faster: their answer is the next one to follow.
  }
  return { kind: 'later', reason: 'overtaken' };
}

type Due = { kind: 'due'; tokens: TokenSet; refreshToken: string };

/** From the session's tokens to the newest ones that are known: usable ones, an end, or those that are due. */
async function followCachedResults(tokens: TokenSet, rejected: string | null): Promise<RefreshResult | Due> {
  let newest = tokens;
  for (let hop = 0; hop < maxRotationsBehind; hop += 1) {
    const { refreshToken } = newest;
    if (refreshToken === null) return { kind: 'ended', reason: 'no_refresh_token' };
    const answer = await readCachedResult(refreshKey(refreshToken));
    if (answer?.kind === 'ended') return answer;
    if (answer !== null && isUsable(answer.tokens, rejected)) return answer;
    if (answer === null) return validateDue(newest, refreshToken);
    if (answer.tokens.refreshToken === refreshToken) return validateDue(answer.tokens, refreshToken);
    newest = answer.tokens;
  }
  return { kind: 'later', reason: 'too_many_rotations' };
}

/** A refresh token that has ended, as the server said it would, is not worth a question. */
function validateDue(tokens: TokenSet, refreshToken: string): RefreshResult | Due {
  const { refreshEndsAtSec } = tokens;
  if (refreshEndsAtSec !== null && refreshEndsAtSec <= nowSec())
    return { kind: 'ended', reason: 'refresh_token_expired' };
  return { kind: 'due', tokens, refreshToken };
}

function isUsable(tokens: TokenSet, rejected: string | null): boolean {
  return tokens.accessToken !== rejected && !needsRefresh(tokens, nowSec(), 0);
}

/** @returns null when another instance refreshed meanwhile */
function refreshWithLock(session: Session, { tokens, refreshToken }: Due): Promise<RefreshResult | null> {
  const key = refreshKey(refreshToken);
  const isOvertaken = async () => {
    const answer = await readCachedResult(key);
    return answer !== null && !(answer.kind === 'fresh' && answer.tokens.accessToken === tokens.accessToken);
  };
  const due = { key, session: { ...session, tokens }, presented: session.tokens };
  return flights().share(key, () =>
    withRefreshLock(key, isOvertaken, (isMine) => refreshOnce({ ...due, isMine, isOvertaken })),
  );
}

function explainFailure(error: unknown): RefreshResult {
  const known = findAppError(error);
  if (known?.code !== 'store_unavailable') logFailure('refresh_failed', error, { code: 'internal_error' });
  return { kind: 'later', reason: known?.reason ?? 'internal_error' };
}

function flights(): SingleFlight<RefreshResult | null> {
  return processSingleton('refresh-flights', () => new SingleFlight<RefreshResult | null>());
}
