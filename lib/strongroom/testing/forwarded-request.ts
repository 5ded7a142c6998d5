/** A request that the gateway has admitted and forwards. Test support only. */
import type { ForwardedRequest } from '../bff/gateway/forward-request';
import type { GatewayRoute } from '../bff/gateway/upstreams';

export function buildForwarded(address: string, changes: Partial<GatewayRoute> = {}): ForwardedRequest {
  const route: GatewayRoute = {
    ...{ method: 'GET', path: [], accepts: ['application/json'] },
    ...{ maxResponseBytes: 10_000, timeoutMs: 120_000 },
    ...changes,
  };
  return {
    name: 'things',
    upstream: { path: '/things', timeoutMs: 120_000, routes: [route] },
    route,
    url: new URL(address),
    headers: new Headers({ accept: 'application/json' }),
    body: { kind: 'none' },
    signal: new AbortController().signal,
  };
}
