/**
 * Challenges for a device to sign: for one session, for a few minutes, and good for one use. Giving one out
 * leaves nothing in the store, so nobody can fill it by asking; what was used is noted there until it expires.
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import type { SealedSession } from '../session/session';
import { readStamp, writeStamp } from '../session/stamp';
import { currentStore } from '../store/current-store';

export type ChallengePurpose = 'registration_challenge' | 'renewal_challenge';

export type ChallengeFault =
  /** Forged, or given out for another session or purpose. */
  'challenge_invalid' | 'challenge_expired' | 'challenge_consumed';

/** Making a key in hardware takes seconds, and a phone may fall asleep. */
const answerSec = 300;
const maxOwnUses = 20_000;

type Bound = Pick<SealedSession, 'id'>;

/** That of the next renewal is sent ahead with the last one, and waits for as long as the bound cookie lives. */
export function newChallenge(purpose: ChallengePurpose, { id }: Bound): string {
  const waitSec = purpose === 'renewal_challenge' ? getConfig().bindingLifetimeSec : 0;
  return writeStamp(purpose, id, nowSec() + waitSec + answerSec);
}

/**
 * Uses the challenge up. @returns null when it was good
 * @throws AppError `store_unavailable`
 */
export async function consumeChallenge(
  purpose: ChallengePurpose,
  challenge: string,
  { id }: Bound,
): Promise<ChallengeFault | null> {
  const stamp = readStamp(purpose, challenge, { id, atSec: nowSec() });
  if (stamp.kind !== 'valid') return stamp.kind === 'expired' ? 'challenge_expired' : 'challenge_invalid';
  const isFirst = await claim(`challenge:${stamp.id}`, (stamp.endsAtSec - nowSec()) * 1000);
  return isFirst ? null : 'challenge_consumed';
}

/**
 * While Redis is away, `REVOCATION_CHECK=open` lets bound sessions go on too: then this process remembers by
 * itself. A proof is asked for all the same.
 */
async function claim(key: string, lifetimeMs: number): Promise<boolean> {
  const own = processSingleton('used-challenges', () => new BoundedMap<true>(maxOwnUses));
  if (own.get(key) !== null) return false;
  try {
    return await currentStore().claim(key, 'used', lifetimeMs);
  } catch (error) {
    const isAway = findAppError(error)?.code === 'store_unavailable';
    if (!isAway || getConfig().revocationCheck !== 'open') throw error;
    own.set(key, true, lifetimeMs);
    return true;
  }
}
