/**
 * Challenges for a device to sign: about one session, for a few minutes, and good for one use. Giving one out
 * leaves nothing in the store, so nobody can fill it by asking; one that was consumed is noted there until it
 * expires.
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { nowSec } from '../base/clock';
import { findAppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { isRandomId, newRandomId } from '../base/random-id';
import { getConfig } from '../config/config';
import { readStamp, type StampVerdict, writeStamp } from '../session/stamp';
import { currentStore } from '../store/current-store';
import type { BoundSession } from './session-identifier';

export type ChallengeFault =
  /** Forged, or given out for another session or purpose. */
  'challenge_invalid' | 'challenge_expired' | 'challenge_consumed';

export type ChallengeResult<T> = { kind: 'good'; value: T } | { kind: 'bad'; reason: ChallengeFault };

/** Making a key in hardware takes seconds, and a laptop may fall asleep. */
const signingSec = 300;
const maxOwnConsumed = 20_000;

/** It names the session: when a browser registers, it comes from another site and has no cookie to show. */
export function newRegistrationChallenge({ id, endsAtSec, userPseudonym }: BoundSession): string {
  const content = `${newRandomId()}.${id}.${endsAtSec}.${userPseudonym}`;
  return writeStamp('registration_challenge', { content, endsAtSec: nowSec() + signingSec });
}

/** @throws AppError `store_unavailable` */
export async function consumeRegistrationChallenge(text: string): Promise<ChallengeResult<BoundSession>> {
  const stamp = readStamp('registration_challenge', text, { atSec: nowSec() });
  const [nonce = '', id = '', endsAtSec = '', userPseudonym = ''] =
    stamp.kind === 'valid' ? stamp.content.split('.') : [];
  return consume(stamp, nonce, { id, endsAtSec: Number(endsAtSec), userPseudonym });
}

/** That of the next renewal is sent ahead with the last one, and waits for as long as the bound cookie lives. */
export function newRenewalChallenge({ id }: Pick<BoundSession, 'id'>): string {
  const endsAtSec = nowSec() + getConfig().bindingLifetimeSec + signingSec;
  return writeStamp('renewal_challenge', { content: newRandomId(), about: id, endsAtSec });
}

/** @throws AppError `store_unavailable` */
export async function consumeRenewalChallenge(
  text: string,
  { id }: Pick<BoundSession, 'id'>,
): Promise<ChallengeResult<null>> {
  const stamp = readStamp('renewal_challenge', text, { about: id, atSec: nowSec() });
  return consume(stamp, stamp.kind === 'valid' ? stamp.content : '', null);
}

async function consume<T>(stamp: StampVerdict, nonce: string, value: T): Promise<ChallengeResult<T>> {
  if (stamp.kind === 'expired') return { kind: 'bad', reason: 'challenge_expired' };
  if (stamp.kind === 'invalid' || !isRandomId(nonce)) return { kind: 'bad', reason: 'challenge_invalid' };
  const isFirst = await claim(`challenge:${nonce}`, (stamp.endsAtSec - nowSec()) * 1000);
  return isFirst ? { kind: 'good', value } : { kind: 'bad', reason: 'challenge_consumed' };
}

/**
 * While Redis is away, `REVOCATION_CHECK=open` lets bound sessions go on too: then this process remembers by
 * itself. A proof is asked for all the same.
 */
async function claim(key: string, lifetimeMs: number): Promise<boolean> {
  const own = processSingleton('consumed-challenges', () => new BoundedMap<true>(maxOwnConsumed));
  if (own.get(key) !== null) return false;
  try {
    return await currentStore().claim(key, 'consumed', lifetimeMs);
  } catch (error) {
    const isAway = findAppError(error)?.code === 'store_unavailable';
    if (!isAway || getConfig().revocationCheck !== 'open') throw error;
    own.set(key, true, lifetimeMs);
    return true;
  }
}
