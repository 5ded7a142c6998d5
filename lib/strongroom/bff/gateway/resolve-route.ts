/** Finds what a proxied request asks for in the table of upstreams. Pure. */

import { readSegments } from './gateway-path';
import type { GatewayRoute, Upstream, Upstreams } from './upstreams';

export const gatewayPath = '/api/gateway/';

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
  /** A path or a query that is not written as it must be. */
  | { kind: 'malformed' }
  | { kind: 'method_not_allowed'; allowed: string[] };

export function resolveRoute(
  upstreams: Upstreams,
  { method, url }: { method: string; url: URL },
): RouteMatch {
  const { pathname } = url;
  if (!pathname.startsWith(gatewayPath)) return { kind: 'no_such_address' };
  const [name = ''] = pathname.slice(gatewayPath.length).split('/');
  // A name that is written in any other way is another name.
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

/** Every parameter is a known one, there once, of a fair length and without control characters; null otherwise. */
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
