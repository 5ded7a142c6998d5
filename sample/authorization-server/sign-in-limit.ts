/**
 * How often one account and one address may fail to sign in: 5 and 20 times in 15 minutes. Where extra people are set up,
 * all of them may sign in from one address at the same moment, so it may fail once more for each of them.
 * Unknown e-mail addresses are counted like known ones, so the limit tells nobody which accounts exist.
 */
import type { AttemptVerdict } from './rate-limit.ts';
import { createAttemptLimiter } from './rate-limit.ts';

const windowSec = 15 * 60;
const maxKeys = 10_000;

export type SignInLimit = {
  take(email: string, address: string): AttemptVerdict;
  /** The password was right: the account starts afresh, the address gets this one attempt back. */
  succeed(email: string, address: string): void;
};

export function createSignInLimit(extraPeople = 0, nowSec?: () => number): SignInLimit {
  const accounts = createAttemptLimiter({ limit: 5, windowSec, maxKeys }, nowSec);
  const addresses = createAttemptLimiter({ limit: 20 + extraPeople, windowSec, maxKeys }, nowSec);
  return {
    take(email, address) {
      const verdict = addresses.take(address);
      return verdict.kind === 'blocked' ? verdict : accounts.take(email);
    },
    succeed(email, address) {
      accounts.forget(email);
      addresses.giveBack(address);
    },
  };
}
