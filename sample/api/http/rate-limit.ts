/**
 * How often one key (a user, an address) may ask. The generic cell rate algorithm keeps one number per key:
 * the moment at which the key's past requests are paid off. Memory is bounded; the longest silent key is forgotten first.
 */

export type RateLimit = {
  /** Counts one request. @returns 0 to go ahead, or the seconds to wait. */
  take(key: string): number;
};

export type RateLimitOptions = { perMinute: number; maxKeys?: number; nowMs: () => number };

export function createRateLimit({ perMinute, maxKeys = 10_000, nowMs }: RateLimitOptions): RateLimit {
  const intervalMs = 60_000 / perMinute;
  const burstMs = 60_000 - intervalMs;
  const paidOffAtMs = new Map<string, number>();

  function take(key: string): number {
    const now = nowMs();
    const paidOff = Math.max(paidOffAtMs.get(key) ?? 0, now);
    const waitMs = paidOff - now - burstMs;
    // A tolerance of 1 µs: the sum of many intervals is not exact.
    if (waitMs > 0.001) return Math.max(1, Math.ceil(waitMs / 1000));
    // Deleted first so that insertion order is order of use.
    paidOffAtMs.delete(key);
    forgetOldest();
    paidOffAtMs.set(key, paidOff + intervalMs);
    return 0;
  }

  function forgetOldest(): void {
    if (paidOffAtMs.size < maxKeys) return;
    const oldest = paidOffAtMs.keys().next();
    if (!oldest.done) paidOffAtMs.delete(oldest.value);
  }

  return { take };
}
