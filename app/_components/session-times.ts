/** When a session is over for its reader. Pure. */
import type { Session } from '@/lib/session/session';

/** Seconds since the epoch. Without a refresh token the session lasts as long as its access token. */
export function sessionEndSec({ tokens, endsAtSec }: Session): number {
  return tokens.refreshToken === null ? Math.min(endsAtSec, tokens.expiresAtSec) : endsAtSec;
}
