/** When an access token is due to be refreshed. Pure. */
import type { AccessToken } from '../session/access-token';
import type { Session } from '../session/session';

const leewaySec = 30;
const jitterSec = 5;

type Times = Pick<AccessToken, 'expiresAtSec' | 'obtainedAtSec'>;

/**
 * Whether the token should be refreshed before it is used: within its last 30 seconds or its last fifth,
 * whichever is less.
 * @param jitter 0 to 1: spreads the moment over a few seconds, so that instances do not all refresh at once
 */
export function needsRefresh(tokens: Times, atSec: number, jitter: number = Math.random()): boolean {
  const lifetimeSec = Math.max(tokens.expiresAtSec - tokens.obtainedAtSec, 0);
  const early = Math.min(leewaySec, lifetimeSec / 5) + Math.min(jitterSec, lifetimeSec / 20) * jitter;
  return atSec >= tokens.expiresAtSec - early;
}

type Refreshing = Pick<Session['tokens'], 'refreshToken'>;

/** A second token that the API rejects within this time is not replaced: it says nothing new. */
const replacementSec = 60;

/** Whether a token that the API rejected, although it looks good, is worth a refresh. @see RFC 6750 §3.1 */
export function canReplaceToken(
  { tokens, tokenReplacedAtSec }: Pick<Session, 'tokenReplacedAtSec'> & { tokens: Refreshing },
  atSec: number,
): boolean {
  if (tokens.refreshToken === null) return false;
  if (tokenReplacedAtSec === null) return true;
  const agoSec = atSec - tokenReplacedAtSec;
  // A time from the future says that the clock was set back.
  return agoSec < 0 || agoSec >= replacementSec;
}

export function isExpired(tokens: Pick<Times, 'expiresAtSec'>, atSec: number): boolean {
  return atSec >= tokens.expiresAtSec;
}
