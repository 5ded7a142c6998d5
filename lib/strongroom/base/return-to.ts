/**
 * The only validation of redirect targets that a user can influence; `readReturnTo` (sign-in/paths.ts) calls
 * it with the declared paths. Pure.
 * @see RFC 9700 §4.11 (open redirection), WHATWG URL for the parsing differences it guards against
 */

/**
 * What matters of the declared paths: where users land without a usable target, and pages that would loop.
 */
export type ReturnPaths = Readonly<Record<'afterSignIn' | 'signIn' | 'problem' | 'signedOut', string>>;

const maxChars = 2048;
const ownOriginForParsing = 'https://return-to.invalid';
/** Routes of the core, and what other frameworks call theirs: returning to them would loop or act. */
const rejectedPrefixes = ['/auth', '/api', '/login', '/logout', '/_next'];

/**
 * The path, query and fragment to return to; `afterSignIn` when `value` is no page of this site.
 * @param value what a query, form or cookie said: decoded exactly once, by the parser that read it
 */
export function parseReturnTo(value: unknown, paths: ReturnPaths): string {
  const { afterSignIn: fallback, signIn, problem, signedOut } = paths;
  if (typeof value !== 'string' || value.length > maxChars) return fallback;
  if (!/^\/(?![/\\])/.test(value) || hasRejectedCharacter(value)) return fallback;
  const url = URL.parse(value, ownOriginForParsing);
  if (url === null || url.origin !== ownOriginForParsing) return fallback;
  // A browser would read the path that `/x/..//evil.example` parses to as another host.
  if (url.pathname.startsWith('//')) return fallback;
  // Software on the way may decode and resolve it, and lead out of the base path.
  if (/\/\.{1,2}(?:\/|$)/.test(decodePath(url.pathname).replaceAll('\\', '/'))) return fallback;
  if (isBelowAny(url.pathname, [...rejectedPrefixes, signIn, problem, signedOut])) return fallback;
  const target = url.pathname + url.search + url.hash;
  // Encoding makes a text up to nine times as long, and the target has to fit the transaction's cookie.
  return target.length > maxChars ? fallback : target;
}

/** Backslashes, whitespace, control characters and lone surrogates: parsers disagree about all of them. */
function hasRejectedCharacter(value: string): boolean {
  return /[\\\s\p{Cc}\p{Cs}]/u.test(value);
}

function isBelowAny(pathname: string, prefixes: readonly string[]): boolean {
  const path = decodePath(pathname).toLowerCase();
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/** As a router reads the path: `/%61uth` is `/auth`. */
function decodePath(pathname: string): string {
  return pathname.split('/').map(decodeSegment).join('/');
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
