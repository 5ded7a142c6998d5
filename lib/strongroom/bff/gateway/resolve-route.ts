/**
 * Finds in the table of upstreams what a request asks for, and writes the address of the API for it. Paths
 * are read strictly: what two servers could read in two ways is rejected, not mended. Pure.
 * @see RFC 3986 §3.3, §6.2.2; OWASP path traversal
 */
import { isPlainSegment } from '../../api/path-segments';
import { isBelow } from '../../base/is-below';
import type { GatewayRoute, Upstream, Upstreams } from './upstreams';

const maxPathChars = 1_024;
/** pchar without `;`: parameters of a segment mean something to some servers. */
const segmentShape = /^(?:[\w\-.~!$&'()*+,=:@]|%[\da-f]{2})+$/i;

const gatewayPath = '/api/gateway/';

export type RouteMatch =
  | {
      kind: 'route';
      name: string;
      upstream: Upstream;
      route: GatewayRoute;
      segments: string[];
      query: Record<string, string>;
    }
  | { kind: 'no_such_address' }
  /** A path or a query that could be read in two ways, or that the route does not know. */
  | { kind: 'malformed' }
  | { kind: 'method_not_allowed'; allowed: string[] };

export function resolveRoute(
  upstreams: Upstreams,
  { method, url }: { method: string; url: URL },
): RouteMatch {
  const { pathname } = url;
  if (!pathname.startsWith(gatewayPath)) return { kind: 'no_such_address' };
  const [name = ''] = pathname.slice(gatewayPath.length).split('/');
  // Names are compared as they are written, without decoding.
  if (!Object.hasOwn(upstreams, name)) return { kind: 'no_such_address' };
  const upstream = upstreams[name] as Upstream;
  const segments = readSegments(pathname.slice(gatewayPath.length + name.length));
  if (segments === null) return { kind: 'malformed' };
  const routes = upstream.routes.filter(({ path }) => isMatch(path, segments));
  if (routes.length === 0) return { kind: 'no_such_address' };
  const route = routes.find((one) => one.method === method);
  if (route === undefined) return { kind: 'method_not_allowed', allowed: routes.map((one) => one.method) };
  const query = readQuery(url.searchParams, route.query ?? {});
  return query === null ? { kind: 'malformed' } : { kind: 'route', name, upstream, route, segments, query };
}

function isMatch(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part.startsWith(':') || part === segments[index])
  );
}

/**
 * Every parameter is a known one, there once, of a fair length and without control characters; null
 * otherwise.
 */
function readQuery(
  parameters: URLSearchParams,
  known: Readonly<Record<string, number>>,
): Record<string, string> | null {
  const query: Record<string, string> = {};
  for (const [name, value] of parameters) {
    const maxChars = Object.hasOwn(known, name) ? (known[name] ?? 0) : -1;
    if (value.length > maxChars || Object.hasOwn(query, name) || /[\p{Cc}\ufffd]/u.test(value)) return null;
    query[name] = value;
  }
  return query;
}

/**
 * @param path what follows the upstream's name, as it was sent: empty, or beginning with `/`
 * @returns the segments, decoded once, or null when one of them is not a plain name
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
  return segment !== null && isPlainSegment(segment) ? segment : null;
}

/** null for bytes that are not UTF-8, overlong forms included. */
function decodeOnce(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}

/**
 * The address below `baseUrl`, every segment and parameter encoded anew; null when it would not be below it.
 */
export function buildTarget(
  baseUrl: string,
  segments: readonly string[],
  query: Readonly<Record<string, string>>,
): URL | null {
  const url = URL.parse([baseUrl, ...segments.map(encodeURIComponent)].join('/'));
  if (url === null || !isBelow(url, baseUrl)) return null;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
