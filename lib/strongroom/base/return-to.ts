/**
 * The only judge of redirect targets that a user can influence. Used at every place that takes a return target.
 * Policy: requirements A11; @see RFC 9700 §4.11 (open redirection), WHATWG URL for the parsing differences it guards against.
 */

/** Where people land when no usable target was given. */
export const defaultReturnTo = '/dashboard';

const maxChars = 2048;
const ownOriginForParsing = 'https://return-to.invalid';
/** Places that start or end a session: returning to them would loop or act. */
const rejectedPrefixes = ['/auth', '/sign-in', '/signed-out', '/api', '/login', '/logout', '/_next'];

/**
 * The path, query and fragment to return to, or `fallback` when `value` is not one of ours.
 * @param value what a query, form or cookie said: decoded exactly once, by the parser that read it
 */
export function readReturnTo(value: unknown, fallback: string = defaultReturnTo): string {
  if (typeof value !== 'string' || value.length > maxChars) return fallback;
  if (!/^\/(?![/\\])/.test(value) || hasRejectedCharacter(value)) return fallback;
  const url = URL.parse(value, ownOriginForParsing);
  if (url === null || url.origin !== ownOriginForParsing) return fallback;
  // `/x/..//evil.example` parses to a path that a browser would read as another host.
  if (url.pathname.startsWith('//') || isRejectedPath(url.pathname)) return fallback;
  const target = url.pathname + url.search + url.hash;
  // Encoding makes a text up to nine times as long, and the target has to fit the transaction's cookie.
  return target.length > maxChars ? fallback : target;
}

/** Backslashes, whitespace, control characters and lone surrogates: parsers disagree about all of them. */
function hasRejectedCharacter(value: string): boolean {
  return /[\\\s\p{Cc}\p{Cs}]/u.test(value);
}

/** By the first segment as a router reads it: `/%61uth` is `/auth`. */
function isRejectedPath(pathname: string): boolean {
  const path = `/${decodeSegment(pathname.split('/')[1] ?? '')}`.toLowerCase();
  return rejectedPrefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
