/** When a session began and is over, for its reader. Pure. */
import type { Session } from '@/lib/strongroom/session/session';

/** Seconds since the epoch. Without a refresh token the session lasts as long as its access token. */
export function sessionEndSec({ tokens, endsAtSec }: Session): number {
  return tokens.refreshToken === null ? Math.min(endsAtSec, tokens.expiresAtSec) : endsAtSec;
}

/** Seconds since the epoch. */
export function startOf({ startedAtMs }: Session): number {
  return Math.floor(startedAtMs / 1000);
}
