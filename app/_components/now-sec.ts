/** Seconds since the epoch, rounded down. */
export const nowSec = (): number => Math.floor(Date.now() / 1000);
