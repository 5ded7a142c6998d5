/**
 * The lock of one refresh token over all instances. Its holder renews it for as long as the request takes;
 * the lock of an instance that died expires by itself.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { logFailure } from '../../base/log';
import { currentStore } from '../../store/current-store';

/** Shorter than a page waits for tokens: another instance takes over while users still wait. */
const lifetimeMs = 6_000;
/** Another instance could take a lock that Redis lost, until its holder renews it: hence so often. */
const renewMs = 500;

export class RefreshLock {
  readonly #key: string;
  readonly #owner = randomBytes(12).toString('base64url');
  #renewal: ReturnType<typeof setInterval> | null = null;

  /** @param key the cache key of the refresh token */
  constructor(key: string) {
    this.#key = `lock:${key}`;
  }

  /** @returns false when another instance holds the lock. @throws AppError `store_unavailable` */
  async acquire(): Promise<boolean> {
    if (!(await currentStore().lock(this.#key, this.#owner, lifetimeMs))) return false;
    this.#renewal = setInterval(() => void this.isHeld().catch(logLockFailure), renewMs);
    return true;
  }

  /**
   * Renews the lock, also one that the store lost. @returns false when another instance holds it by now,
   * because this process stood still for too long. @throws AppError `store_unavailable`
   */
  isHeld(): Promise<boolean> {
    return currentStore().renew(this.#key, this.#owner, lifetimeMs);
  }

  /** Never throws: a lock that cannot be released expires. */
  async release(): Promise<void> {
    if (this.#renewal === null) return;
    clearInterval(this.#renewal);
    this.#renewal = null;
    await currentStore().unlock(this.#key, this.#owner).catch(logLockFailure);
  }
}

function logLockFailure(error: unknown): void {
  logFailure('refresh_lock', error);
}
