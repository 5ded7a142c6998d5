/**
 * Reads the path of a proxied request, strictly: what two servers could read in two ways is rejected, not mended. Pure.
 * @see RFC 3986 §3.3, §6.2.2; OWASP path traversal
 */

import { isBelow } from '../../base/is-below';

const maxPathChars = 1_024;
/** pchar without `;`: parameters of a segment mean something to some servers. */
const segmentShape = /^(?:[\w\-.~!$&'()*+,=:@]|%[\da-f]{2})+$/i;

/**
 * @param path what follows the upstream's name, as it came: empty, or beginning with `/`
 * @returns the segments, decoded once, or null when one of them is no plain name
 */
export function readSegments(path: string): string[] | null {
  if (path === '') return [];
  if (path.length > maxPathChars || !path.startsWith('/')) return null;
  const segments = path.slice(1).split('/').map(readSegment);
  return segments.every((segment) => segment !== null) ? segments : null;
}

function readSegment(raw: string): string | null {
  if (!segmentShape.test(raw)) return null;
  const segment = decodeOnce(raw);
  // A `%` that is left was encoded twice; separators and dots that were encoded are none to us and may be to the next server.
  if (segment === null || /^\.{1,2}$|[/\\%;?#\p{Cc}\p{Cs}]/u.test(segment)) return null;
  return segment;
}

/** null for bytes that are no UTF-8, overlong forms included. */
function decodeOnce(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}

/** The address below `baseUrl`, every segment and parameter encoded anew; null when it would not be below it. */
export function buildTarget(
  baseUrl: string,
  segments: readonly string[],
  query: Readonly<Record<string, string>>,
): URL | null {
  const base = baseUrl.replace(/\/+$/, '');
  const url = URL.parse([base, ...segments.map(encodeURIComponent)].join('/'));
  if (url === null || !isBelow(url, base)) return null;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
