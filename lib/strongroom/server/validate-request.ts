/**
 * Decides which requests the server guard rejects before Next sees them. Pure.
 * @see RFC 9110 §15.5, RFC 9112 §3.2
 */
import type { RejectionStatus } from './rejection';
import { isRouterState } from './router-state';

export type IncomingRequest = {
  method: string;
  /** The request target as it stood on the request line. */
  target: string;
  /** The value of every `Host` header. */
  hosts: readonly string[];
  contentLength: string | undefined;
  contentType: string | undefined;
  transferEncoding: string | undefined;
  cookie: string | undefined;
  /** Made by Next's router in the browser. */
  isActionCall: boolean;
  /** What that router says of its page. */
  routerState: string | undefined;
};

const readMethods = ['GET', 'HEAD'];
const pageMethods = [...readMethods, 'POST'];
/** Routes below `/api` reject methods by themselves. */
const apiMethods = [...pageMethods, 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The routes below `/auth`, each with the methods that it handles. */
const methodsOfAuthRoute = {
  '/auth/back-channel-logout': pageMethods,
  '/auth/callback/provider': readMethods,
  '/auth/device/refresh': ['POST'],
  '/auth/device/register': ['POST'],
  '/auth/please-sign-in': readMethods,
  '/auth/problem': readMethods,
  '/auth/refresh': pageMethods,
  '/auth/sign-in': pageMethods,
  '/auth/sign-out': pageMethods,
  '/auth/signed-out': readMethods,
  '/auth/status': readMethods,
} as const satisfies Record<string, readonly string[]>;
const methodsOfPath: Readonly<Record<string, readonly string[] | undefined>> = methodsOfAuthRoute;
export type AuthRoute = keyof typeof methodsOfAuthRoute;
export const authRoutes: readonly string[] = Object.keys(methodsOfAuthRoute);

/**
 * Health checks and an authorization server that wants our keys may come by IP address or by an inner name, and
 * every caller gets the same response.
 */
const hostlessRoutes = ['/healthz', '/readyz', '/.well-known/jwks.json'];

/** Whether the request is served whichever host it names, and with or without the base path. */
export function isHostless(target: string): boolean {
  return hostlessRoutes.includes(target.split('?', 1)[0] ?? '');
}

/** Next sends a bare 405 or 500 for a method that a route or a file does not have. */
export function allowedMethods(target: string): readonly string[] {
  const path = pathOf(target);
  if (path.startsWith('/api/')) return apiMethods;
  if (isStaticFile(path) || hostlessRoutes.includes(path)) return readMethods;
  return methodsOfPath[path.replace(/\/$/, '')] ?? pageMethods;
}

function isStaticFile(path: string): boolean {
  return path.startsWith('/_next/') || /^\/[\w-]+\.\w+$/.test(path);
}

/** As Next will read it: dot segments resolved, letters that were encoded without need decoded. */
function pathOf(target: string): string {
  const written = target.split('?', 1)[0] ?? '';
  if (plainPath.test(written)) return written;
  // The host keeps `//x/y` a path; without one it would be the path `/y` of the host `x`.
  const path = URL.parse(`http://any.host${target}`)?.pathname ?? target;
  return path.replace(/%(2e|[46][0-9a-f]|[57][0-9a])/gi, (encoded) => decodeURIComponent(encoded));
}

/** Nothing to resolve and nothing to decode, as nearly all are. */
const plainPath = /^(?:\/[\w-]+)+$/;

const gatewayAddress = /^\/api\/gateway(?:[/?]|$)/;
const maxTargetChars = 8_192;
/** What Next does with a query and with cookies grows with the square of their number. Browsers keep 180 of a host. */
const [maxParameters, maxCookies] = [200, 200];

/**
 * Dot segments, doubled or encoded slashes, backslashes, parameters of a segment, encoded percent signs and
 * control characters.
 */
const ambiguousPath = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|\/\/|\\|;|%(?:2f|5c|25|3b|0)/i;

const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** @param appOrigin the only origin under which this application is served */
export function validateRequest(request: IncomingRequest, appOrigin: string): RejectionStatus | null {
  const { method, target, hosts } = request;
  if (!allowedMethods(target).includes(method)) return 405;
  if (target.length > maxTargetChars || target.split('&').length > maxParameters) return 414;
  if ((request.cookie ?? '').split(';').length > maxCookies) return 431;
  // An absolute target such as `GET http://other.example/` is for proxies, and this server is none.
  if (!target.startsWith('/') || hosts.length > 1) return 400;
  // Another server on the way may read a different encoding as chunks, or not. @see RFC 9112 §6.1
  if (!['chunked', undefined].includes(request.transferEncoding?.toLowerCase())) return 400;
  const writtenPath = target.split('?', 1)[0] ?? '';
  const path = pathOf(target);
  // Next resolves these before a route sees them, and no honest caller of an API writes them.
  if (path.startsWith('/api/') && (!isDecodableTarget(target) || ambiguousPath.test(writtenPath))) return 400;
  // Next turns a lone percent sign into an encoded one, so the callback could not tell the two apart any
  // more.
  if (path.startsWith('/auth/') && /%(?![\da-f]{2})/i.test(target)) return 400;
  if (!isHostless(target) && !isAppHost(hosts[0], appOrigin)) return 421;
  if (request.routerState !== undefined && !isRouterState(request.routerState)) return 400;
  // No browser writes dot segments. Next resolves them, but after it has decided what its proxy sees.
  return validateBody(request, path) ?? (dotSegment.test(writtenPath.replaceAll('\\', '/')) ? 400 : null);
}

/**
 * Next keeps in memory every body that passes its proxy, before a route can reject it, so its size must be
 * known and small. Requests to the gateway and logout tokens do not pass Next's proxy; their routes count
 * what they read.
 */
function validateBody(request: IncomingRequest, path: string): RejectionStatus | null {
  // Written in any other way, the address passes Next's proxy.
  if ([path, request.target].every((text) => gatewayAddress.test(text))) return null;
  if (request.transferEncoding !== undefined)
    return /^\/auth\/back-channel-logout(?:\?|$)/.test(request.target) ? null : 411;
  if (Number(request.contentLength ?? 0) > maxBodyBytesOf(path)) return 413;
  return isFormWithoutBoundary(request) || isCallWithoutBody(request) ? 400 : null;
}

/** Next would fail to parse it, and send a bare 500. @see RFC 7578 §4.1 */
function isFormWithoutBoundary({ method, contentType = '' }: IncomingRequest): boolean {
  return (
    method === 'POST' && /^multipart\//i.test(contentType) && !/;\s*boundary="?[^\s";]/i.test(contentType)
  );
}

/** Next would fail to read the arguments, print its own stack and send 500. */
function isCallWithoutBody({ method, isActionCall, contentLength }: IncomingRequest): boolean {
  return method === 'POST' && isActionCall && !(Number(contentLength) > 0);
}

function isAppHost(host: string | undefined, appOrigin: string): boolean {
  if (host !== undefined && appOrigin.endsWith(`://${host}`)) return true;
  return readHost(host, appOrigin) === new URL(appOrigin).host;
}

/** In one spelling, without the port that the scheme of this application implies; null when it is no host. */
function readHost(host: string | undefined, appOrigin: string): string | null {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null;
  return URL.parse(`${new URL(appOrigin).protocol}//${host}`)?.host ?? null;
}

type Site = { appOrigin: string; redirectedHosts: readonly string[] };

/** Where a page leads that was asked for at another host of this site; null when it is none. */
export function findRedirect(
  { method, target, hosts: [host] }: IncomingRequest,
  { appOrigin, redirectedHosts }: Site,
): string | null {
  const read = readHost(host, appOrigin);
  if (read === null || !redirectedHosts.includes(read) || !readMethods.includes(method)) return null;
  // The target begins with a slash, so what stands before it stays the origin.
  return URL.parse(appOrigin + target)?.href ?? null;
}

/**
 * The forms of pages are texts: 256 kB hold some 20,000 characters at twelve bytes each when encoded, and
 * what Next adds.
 */
function maxBodyBytesOf(path: string): number {
  return path.startsWith('/auth/') ? 64_000 : 256_000;
}

/** Whether every percent-encoding of the path is a character; no page has an address in which one is not. */
export function isDecodableTarget(target: string): boolean {
  try {
    return !decodeURIComponent(target.split('?', 1)[0] ?? '').includes('\0');
  } catch {
    return false;
  }
}
