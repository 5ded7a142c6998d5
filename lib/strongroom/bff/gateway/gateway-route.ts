/** The mount of the gateway: one table of upstreams serves every method. */
import 'server-only';
import { createGateway } from './gateway-request';
import type { Upstreams } from './upstreams';

/**
 * The API for scripts of our own pages, for the one file `app/api/gateway/[[...path]]/route.ts`.
 * @example
 * export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = gatewayRoute(upstreams);
 */
export function gatewayRoute(upstreams: Upstreams) {
  const handle = createGateway(upstreams);
  return {
    GET: handle,
    HEAD: handle,
    OPTIONS: handle,
    POST: handle,
    PUT: handle,
    PATCH: handle,
    DELETE: handle,
  };
}
