/** What Next sees of a request that the server guard admits, and the headers that every response carries. */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutBasePath } from '../base/base-path';
import { fixedHeaders } from '../base/security-headers';
import { getConfig } from '../config/config';
import { isNearAuthRoute } from './auth-spellings';
import { cleanHeaders } from './clean-headers';
import { clientAddressHeader, notedAddressOf } from './client-address';
import { isDecodableTarget, isHostless } from './validate-request';

/** Next is asked for its page for unknown addresses. */
export const unknownTarget = '/no-such-address';

/**
 * The target inside of the application, by which everything here is decided. What is outside of the base path, in
 * whatever spelling, is no address of it; but health checks, and servers that fetch our public keys, know of no base path.
 */
export function readTarget(written: string): string {
  if (isHostless(written) || !written.startsWith('/')) return written;
  return withoutBasePath(written) ?? unknownTarget;
}

/** Gives Next the request as it may see it, and the response the headers that every response carries. */
export function prepare(request: IncomingMessage, response: ServerResponse): void {
  const { appOrigin, strictTransportSecurity } = getConfig();
  const { url: target = '', headers } = request;
  const address = notedAddressOf(request) ?? 'unknown';
  request.headers = { ...cleanHeaders(headers, appOrigin, address), [clientAddressHeader()]: address };
  // For these Next would send a bare 500, or a page that repeats the query with its code.
  const isNearAuth = target === unknownTarget || isNearAuthRoute(target);
  if (!isDecodableTarget(target) || isNearAuth) request.url = unknownTarget;
  // A page or route may set them to something else. Next's own redirects and static files set none.
  const path = isNearAuth ? '/auth/' : target;
  for (const [name, value] of Object.entries(fixedHeaders({ strictTransportSecurity, path })))
    response.setHeader(name, value);
  if (path.includes('/auth/')) response.setHeader('Cache-Control', 'no-store');
}
