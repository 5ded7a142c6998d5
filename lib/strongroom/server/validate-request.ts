/** Rejects what Next would answer with a bare line, or believe although it should not. Pure. @see RFC 9110 §15.5, RFC 9112 §3.2 */

export type IncomingRequest = {
  method: string;
  /** The request target as it stood on the request line. */
  target: string;
  /** Every `Host` that was sent. */
  hosts: readonly string[];
  contentLength: string | undefined;
  transferEncoding: string | undefined;
};

export type RejectionStatus = 400 | 405 | 411 | 413 | 414 | 421;

/** What pages and the routes of signing in answer; those below `/api` judge their methods by themselves. */
const pageMethods = ['GET', 'HEAD', 'POST'];
const fileMethods = ['GET', 'HEAD'];
const apiMethods = [...pageMethods, 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function allowedMethods(target: string): readonly string[] {
  const path = pathOf(target);
  if (path.startsWith('/api/')) return apiMethods;
  return isFile(path) ? fileMethods : pageMethods;
}

/** Next fails when somebody posts to a file. */
function isFile(path: string): boolean {
  return path.startsWith('/_next/') || /^\/[\w-]+\.\w+$/.test(path);
}

/** As Next will read it: dot segments resolved, letters that were encoded without need decoded. */
function pathOf(target: string): string {
  // Written behind a host: with one as its base, `//x/y` would be the path `/y` of the host `x`.
  const path = URL.parse(`http://front.door${target}`)?.pathname ?? target;
  return path.replace(/%(2e|[46][0-9a-f]|[57][0-9a])/gi, (encoded) => decodeURIComponent(encoded));
}

const maxTargetChars = 8_192;
/** Health checks come by address, from whoever runs the host; they answer everybody alike. */
const hostless = new Set(['/healthz', '/readyz']);

/** Dot segments, doubled or encoded slashes, backslashes, parameters of a segment, percent signs of percent signs. */
const ambiguousPath = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|\/\/|\\|;|%(?:2f|5c|25|3b|0)/i;

/** @param appOrigin the only origin under which this application is served */
export function validateRequest(request: IncomingRequest, appOrigin: string): RejectionStatus | null {
  const { method, target, hosts } = request;
  if (!allowedMethods(target).includes(method)) return 405;
  if (target.length > maxTargetChars) return 414;
  // `GET http://elsewhere/` is for proxies, and this is none.
  if (!target.startsWith('/') || hosts.length > 1) return 400;
  // What another reader may take for chunks, or not. RFC 9112 §6.1
  if (!['chunked', undefined].includes(request.transferEncoding?.toLowerCase())) return 400;
  const written = target.split('?', 1)[0] ?? '';
  const path = pathOf(target);
  // Next resolves these before a route sees them; below `/api` nobody has a reason to write them.
  if (path.startsWith('/api/') && (!isDecodableTarget(target) || ambiguousPath.test(written))) return 400;
  // Next writes a lone percent sign as an encoded one: nobody behind it could tell any more.
  if (path.startsWith('/auth/') && /%(?![\da-f]{2})/i.test(target)) return 400;
  if (!hostless.has(written) && !isOwnHost(hosts[0], appOrigin)) return 421;
  return validateBody(request, path);
}

/**
 * Next keeps every body that passes proxy.ts, before any route can say no: its size must be known, and small. Routes below `/api`, and the one
 * for logout tokens, do not pass there and count what they read.
 */
function validateBody(
  { contentLength, transferEncoding }: IncomingRequest,
  path: string,
): RejectionStatus | null {
  if (path.startsWith('/api/')) return null;
  if (transferEncoding !== undefined) return path === '/auth/back-channel-logout' ? null : 411;
  return Number(contentLength ?? 0) > maxBodyBytesOf(path) ? 413 : null;
}

function isOwnHost(host: string | undefined, appOrigin: string): boolean {
  const own = new URL(appOrigin);
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return false;
  return URL.parse(`${own.protocol}//${host}`)?.host === own.host;
}

/** The longest form of ours is a message of 2,000 characters, each up to twelve bytes when encoded, and what Next adds. */
function maxBodyBytesOf(path: string): number {
  return path.startsWith('/auth/') ? 64_000 : 256_000;
}

/** Everything that there is below `/auth`. */
export const authRoutes: readonly string[] = [
  '/auth/back-channel-logout',
  '/auth/callback/provider',
  '/auth/refresh',
  '/auth/sign-in',
  '/auth/sign-out',
  '/auth/status',
];

/** Whether `target` is nearly one of them, and none: Next's page for it would have its query in it, and so a code. @see RFC 9700 §4.2.4 */
export function isNearAuthRoute(target: string): boolean {
  const path = target.split('?', 1)[0] ?? '';
  return /^\/auth(?:\/|%2f|$)/i.test(path) && !authRoutes.includes(path.replace(/\/$/, ''));
}

/** Whether every percent-encoding of the path means a character: no page has an address in which one does not. */
export function isDecodableTarget(target: string): boolean {
  try {
    return !decodeURIComponent(target.split('?', 1)[0] ?? '').includes('\0');
  } catch {
    return false;
  }
}
