/** When a server wants to be asked again. Pure. */

/**
 * Seconds from a `Retry-After` of plain seconds, at most an hour; a date or anything else counts as absent.
 * @see RFC 9110 §10.2.3
 */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null || !/^\d{1,6}$/.test(value.trim())) return undefined;
  return Math.min(Number(value), 3600);
}

/** Seconds that an address of ours says to wait, or null: it comes back from a browser and is not trusted. */
export function readWaitSec(value: string | null): number | null {
  const seconds = readRetryAfter(value) ?? 0;
  return seconds > 0 ? seconds : null;
}
