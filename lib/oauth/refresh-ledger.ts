/**
 * Refreshing without losing anyone. A refresh token may be in many requests at once, and a request that left the browser before the new
 * cookie arrived still carries the old one. So, in this order: the remembered answer for that refresh token, the refresh that is
 * already under way, and only then a new one. The key is the token's SHA-256 and nothing coarser: two people never share an answer.
 * @see RFC 9700 §4.14.2 (rotation and reuse detection)
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { BoundedMap } from '@/lib/base/bounded-map';
import { nowSec } from '@/lib/base/clock';
import { waitAtMost } from '@/lib/base/deadline';
import { findAppError } from '@/lib/base/errors';
import { logEvent, logFailure } from '@/lib/base/log';
import { keepInProcess } from '@/lib/base/process-memory';
import { isRevoked } from '@/lib/session/revocations';
import { seal, unseal } from '@/lib/session/seal';
import { parseTokenSet, type Session, type TokenSet } from '@/lib/session/session';
import { currentStore } from '@/lib/store/current-store';
import { SingleFlight } from '@/lib/store/single-flight';
import { requestFreshTokens } from './refresh-request';
import { revokeRefreshToken } from './revocation';
import { isExpired } from './token-age';

export type RefreshOutcome =
  | { kind: 'fresh'; tokens: TokenSet }
  /** The grant is over: only signing in again helps. */
  | { kind: 'ended'; reason: string }
  /** Not now: the session is as good as before, and asking again later makes sense. */
  | { kind: 'later'; reason: string };

const rememberedMs = 60_000;
const restMs = 1_000;
/** How long one page waits for a refresh, with a token that still works and without; the refresh itself goes on. */
const patienceMs = { whileGood: 1_500, whileUseless: 8_000 };

/**
 * New tokens for the session, from memory if somebody already fetched them. Never throws.
 * @param isUseless whether nothing can be done with the token at hand: then waiting longer is worth it
 */
export async function refreshTokens(
  session: Session,
  isUseless: boolean = isExpired(session.tokens, nowSec()),
): Promise<RefreshOutcome> {
  const { refreshToken } = session.tokens;
  if (refreshToken === null) return { kind: 'ended', reason: 'no_refresh_token' };
  const key = createHash('sha256').update(refreshToken).digest('base64url');
  const known = await recall(key);
  if (known !== null) return known;
  const resting = rests().get(key);
  if (resting !== null) return { kind: 'later', reason: resting };
  const flight = flights().share(key, () => refreshOnce(key, refreshToken, session));
  const patience = isUseless ? patienceMs.whileUseless : patienceMs.whileGood;
  return waitAtMost<RefreshOutcome>(patience, flight, { kind: 'later', reason: 'still_waiting' });
}

async function refreshOnce(key: string, refreshToken: string, session: Session): Promise<RefreshOutcome> {
  // Between the first look and this flight another one may have landed.
  const known = await recall(key);
  if (known !== null) return known;
  const outcome = await giveBackIfRevoked(session, await requestOutcome(refreshToken, session));
  if (outcome.kind === 'later') rests().set(key, outcome.reason, restMs);
  else await remember(key, outcome);
  return outcome;
}

/** Signed out while this was under way: signing out wins, whoever is still waiting. */
async function giveBackIfRevoked(session: Session, outcome: RefreshOutcome): Promise<RefreshOutcome> {
  if (outcome.kind !== 'fresh' || !(await isRevoked(session))) return outcome;
  const { refreshToken } = outcome.tokens;
  if (refreshToken !== null) await revokeRefreshToken(refreshToken);
  return { kind: 'ended', reason: 'signed_out' };
}

async function requestOutcome(refreshToken: string, session: Session): Promise<RefreshOutcome> {
  try {
    const tokens = await requestFreshTokens(session.tokens, refreshToken, session.user);
    logEvent('tokens_refreshed', {
      lifetimeSec: tokens.expiresAtSec - nowSec(),
      isRotated: tokens.refreshToken !== refreshToken,
    });
    return { kind: 'fresh', tokens };
  } catch (error) {
    const known = findAppError(error);
    const kind = known?.code === 'sign_in_expired' ? 'ended' : 'later';
    const reason = known?.reason ?? 'unexpected';
    logFailure('refresh_failed', error, {
      code: known?.code ?? 'unexpected',
      reason,
      isFinal: kind === 'ended',
    });
    return { kind, reason };
  }
}

async function recall(key: string): Promise<RefreshOutcome | null> {
  const sealed = await currentStore().get(`answer:${key}`);
  if (sealed === null) return null;
  const data = await unseal('answer', sealed, rememberedMs / 1000);
  return readOutcome(data);
}

async function remember(key: string, outcome: RefreshOutcome): Promise<void> {
  await currentStore().set(`answer:${key}`, await seal('answer', outcome, rememberedMs / 1000), rememberedMs);
}

function readOutcome(data: unknown): RefreshOutcome | null {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  if (data.kind === 'ended' && 'reason' in data) return { kind: 'ended', reason: String(data.reason) };
  const tokens = data.kind === 'fresh' && 'tokens' in data ? parseTokenSet(data.tokens) : null;
  return tokens === null ? null : { kind: 'fresh', tokens };
}

function flights(): SingleFlight<RefreshOutcome> {
  return keepInProcess('refresh-flights', () => new SingleFlight<RefreshOutcome>());
}

/** Tokens whose refresh has just failed: the server gets a second of peace. */
function rests(): BoundedMap<string> {
  return keepInProcess('refresh-rests', () => new BoundedMap<string>(10_000));
}
