/**
 * The only place that reads the current time; functions that need it take a `Clock` so that tests can hold
 * it.
 */

export type Clock = () => number;

/** Milliseconds since the epoch. */
export const nowMs: Clock = () => Date.now();

/**
 * Milliseconds of the monotonic clock, which no change of the system time moves: for durations, never for
 * points in time.
 */
export const monotonicMs: Clock = () => performance.now();

/**
 * Seconds since the epoch, rounded down, as JWT and OAuth count them (RFC 7519 §2, NumericDate).
 */
export const nowSec: Clock = () => Math.floor(Date.now() / 1000);
