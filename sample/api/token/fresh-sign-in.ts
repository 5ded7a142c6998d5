/**
 * Whether the person signed in recently enough, and well enough, for what is sensitive.
 * Pure. @see RFC 9470 §3, RFC 9068 §2.2.1
 */
import type { Caller } from '../http/caller.ts';
import type { ChallengeError } from './challenge.ts';
import { clockToleranceSec } from './token-claims.ts';

export type SignInDemand = {
  maxAgeSec: number;
  /** The `acr` that the token must carry; null when any will do. */
  acr: string | null;
};

type SignIn = Pick<Caller, 'authTimeSec' | 'acr'>;
export type SignInLack = 'sign_in_age' | 'sign_in_acr';

/** @returns what the sign-in lacks, or null. A time that is unknown or in the future is no proof of a fresh sign-in. */
export function judgeSignIn(
  { authTimeSec, acr }: SignIn,
  demand: SignInDemand,
  nowSec: number,
): SignInLack | null {
  if (demand.acr !== null && acr !== demand.acr) return 'sign_in_acr';
  if (authTimeSec === null || authTimeSec > nowSec + clockToleranceSec) return 'sign_in_age';
  return nowSec - authTimeSec > demand.maxAgeSec ? 'sign_in_age' : null;
}

const descriptions: Record<SignInLack, string> = {
  sign_in_age: 'A more recent sign-in is needed',
  sign_in_acr: 'Another way of signing in is needed',
};

/** The whole demand, whichever part of it was not met: one new sign-in has to meet both. */
export function describeDemand({ maxAgeSec, acr }: SignInDemand, lack: SignInLack): ChallengeError {
  return {
    error: 'insufficient_user_authentication',
    error_description: descriptions[lack],
    max_age: String(maxAgeSec),
    ...(acr !== null && { acr_values: acr }),
  };
}
