/**
 * Counts attempts per key in fixed windows, in a bounded map. An attempt is counted before it is judged, so that
 * a hundred tries sent at once cost as much as a hundred tries in a row; a success gives the count back.
 */
export type AttemptVerdict = { kind: 'allowed' } | { kind: 'blocked'; retryAfterSec: number };

export type AttemptLimiter = {
  take(key: string): AttemptVerdict;
  /** Forgets all attempts of a key: it proved itself. */
  forget(key: string): void;
  /** Gives one attempt back. */
  giveBack(key: string): void;
  readonly size: number;
};

export type AttemptLimits = { limit: number; windowSec: number; maxKeys: number };

export function createAttemptLimiter(
  { limit, windowSec, maxKeys }: AttemptLimits,
  nowSec: () => number = () => Date.now() / 1000,
): AttemptLimiter {
  const windows = new Map<string, { count: number; endsAtSec: number }>();

  function openWindow(key: string) {
    const current = windows.get(key);
    if (current && current.endsAtSec > nowSec()) return current;
    windows.delete(key);
    const oldest = windows.size >= maxKeys ? windows.keys().next().value : undefined;
    if (oldest !== undefined) windows.delete(oldest);
    const fresh = { count: 0, endsAtSec: nowSec() + windowSec };
    windows.set(key, fresh);
    return fresh;
  }

  return {
    take(key) {
      const current = openWindow(key);
      if (current.count >= limit)
        return { kind: 'blocked', retryAfterSec: Math.ceil(current.endsAtSec - nowSec()) };
      current.count += 1;
      return { kind: 'allowed' };
    },
    forget: (key) => void windows.delete(key),
    giveBack(key) {
      const current = windows.get(key);
      if (current && current.count > 0) current.count -= 1;
    },
    get size() {
      return windows.size;
    },
  };
}
