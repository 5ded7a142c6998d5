/**
 * One refresh at a time for one refresh token, over all instances. Whoever holds the lock renews it for as long as the request takes; that of
 * an instance that died ends by itself.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { logFailure } from '../../base/log';
import { currentStore } from '../../store/current-store';

/** Shorter than a page waits for tokens: another instance takes over while people still wait. */
const lifetimeMs = 6_000;
/** When Redis lost the lock, or was away, another instance could take it until the holder renews it: hence so often. */
const renewMs = 500;
const pollMs = 100;
/** Longer than one request with its retry may take. */
const patienceMs = 250_000;

/**
 * Runs `work` alone. While somebody else has the lock, `isSettled` is asked again and again, whether there is anything left to do.
 * @returns what `work` gives, or null when it was settled by somebody else, or took too long to get a turn
 * @throws AppError `store_unavailable`: without the store nobody can be alone
 */
export async function withRefreshLock<T>(
  key: string,
  isSettled: () => Promise<boolean>,
  work: (isMine: () => Promise<boolean>) => Promise<T>,
): Promise<T | null> {
  const lock = { key: `lock:${key}`, owner: randomBytes(12).toString('base64url') };
  if (!(await waitForLock(lock, isSettled))) return null;
  const renewing = setInterval(() => void renew(lock), renewMs);
  try {
    // Renewing says whether somebody else has it by now.
    return await work(() => currentStore().renew(lock.key, lock.owner, lifetimeMs));
  } finally {
    clearInterval(renewing);
    await currentStore().unlock(lock.key, lock.owner).catch(ignore);
  }
}

type Lock = { key: string; owner: string };

async function waitForLock({ key, owner }: Lock, isSettled: () => Promise<boolean>): Promise<boolean> {
  const rounds = Math.ceil(patienceMs / pollMs);
  for (let round = 0; round < rounds; round += 1) {
    if (await currentStore().lock(key, owner, lifetimeMs)) return true;
    if (await isSettled()) return false;
    await pause(pollMs * (0.75 + Math.random() / 2));
  }
  return false;
}

/** Also after the store forgot everything: the request is under way, and nobody else may send one. */
async function renew({ key, owner }: Lock): Promise<void> {
  await currentStore().renew(key, owner, lifetimeMs).catch(ignore);
}

/** The lock ends by itself. */
function ignore(error: unknown): void {
  logFailure('refresh_lock', error);
}
