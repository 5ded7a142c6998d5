/** What may stand between two slashes of a path to the API, for pages and the gateway alike. Pure. */

const maxSegmentChars = 1_024;

/**
 * Whether two servers read the segment in the same way. A `%` that is left was encoded twice; encoded
 * separators and dots mean nothing to us, but may to the next server.
 * @param segment decoded
 * @see RFC 3986 §3.3, §6.2.2; OWASP path traversal
 */
export function isPlainSegment(segment: string): boolean {
  if (segment === '' || segment.length > maxSegmentChars) return false;
  return !/^\.{1,2}$|[/\\%;?#\p{Cc}\p{Cs}]/u.test(segment);
}
