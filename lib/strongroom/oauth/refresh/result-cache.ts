/**
 * What each refresh brought, by the SHA-256 of the refresh token that was sent: for every other request that still carries that token.
 * Sealed, in the store. An answer is kept until its browser shows that it has the new tokens (by using them), or would have been idle for
 * too long: a response that never arrived loses nobody. Of a dead token a mark is kept, so that a storm asks once.
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { nowSec } from '../../base/clock';
import { getConfig } from '../../config/config';
import { seal, unseal } from '../../session/seal';
import { parseTokenSet, type Session, type TokenSet } from '../../session/session';
import { currentStore } from '../../store/current-store';
import { writeOrRetry } from '../../store/late-writes';

export type CachedRefreshResult =
  | { kind: 'fresh'; tokens: TokenSet }
  /** The grant is over: only signing in again helps. */
  | { kind: 'ended'; reason: string };

/** Requests that were on their way when the new tokens proved to have arrived. */
const lateSec = 60;
const tombstoneSec = 3_600;

/** The key of a refresh token, and nothing coarser: two people never share an answer. */
export function refreshKey(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('base64url');
}

/** @throws AppError `store_unavailable` */
export async function readCachedResult(key: string): Promise<CachedRefreshResult | null> {
  const sealed = await currentStore().get(answerKey(key));
  return sealed === null ? null : readAnswer(await unseal('refresh_result', sealed, longestSec()));
}

/** @throws AppError `store_unavailable`: it is written when the store is back */
export async function cacheResult(key: string, answer: CachedRefreshResult, session: Session): Promise<void> {
  const lifetimeSec = answer.kind === 'fresh' ? untilUseless(session) : tombstoneSec;
  const [store, sealed] = [currentStore(), await seal('refresh_result', answer, longestSec())];
  await writeOrRetry(lifetimeSec * 1000, (leftMs) => store.set(answerKey(key), sealed, leftMs));
}

/** `tokens` were used: the answer that brought them has arrived, and only late requests still need it. */
export async function settleCachedResult({ previousRefreshKey, refreshToken }: TokenSet): Promise<void> {
  // A server that does not rotate answers under one key again and again.
  if (previousRefreshKey === null || refreshToken === null || previousRefreshKey === refreshKey(refreshToken))
    return;
  await currentStore().shorten(answerKey(previousRefreshKey), lateSec * 1000);
}

/** Whoever comes back later than this is asked to sign in anyway. */
function untilUseless({ endsAtSec }: Session): number {
  return Math.max(1, Math.min(getConfig().sessionIdleSec, endsAtSec - nowSec()));
}

function longestSec(): number {
  return Math.max(getConfig().sessionLifetimeSec, tombstoneSec);
}

function answerKey(key: string): string {
  return `refresh-result:${key}`;
}

function readAnswer(data: unknown): CachedRefreshResult | null {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  if (data.kind === 'ended' && 'reason' in data) return { kind: 'ended', reason: String(data.reason) };
  const tokens = data.kind === 'fresh' && 'tokens' in data ? parseTokenSet(data.tokens) : null;
  return tokens === null ? null : { kind: 'fresh', tokens };
}
