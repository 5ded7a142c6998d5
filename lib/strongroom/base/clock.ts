/** The only place that reads the current time; functions that need it take a `Clock` so that tests can hold it. */

export type Clock = () => number;

/** Milliseconds since the epoch. */
export const nowMs: Clock = () => Date.now();

/** Milliseconds that only go forward, whatever becomes of the clock on the wall: for how long, never for when. */
export const monotonicMs: Clock = () => performance.now();

/**
 * Seconds since the epoch, rounded down, as JWT and OAuth count them (RFC 7519 §2, NumericDate).
 * @example
 * const leftSec = session.endsAtSec - nowSec();
 */
export const nowSec: Clock = () => Math.floor(Date.now() / 1000);
