/**
 * How requests leave this process: connections of our own that are kept open, names looked up with a guard,
 * and an egress proxy only if the operator named one. Variables such as `HTTP_PROXY` have no effect here, not
 * even with `NODE_USE_ENV_PROXY`. For `http-client.ts` alone.
 */
import 'server-only';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { createGuardedLookup } from './guarded-lookup';
import { processSingleton } from './process-singleton';

type Egress = { proxyUrl: string | null; dispatcher: Dispatcher | null };

/**
 * Tells where requests go out, before the first one is sent. Set from the configuration (`EGRESS_PROXY_URL`).
 */
export function setEgressProxy(proxyUrl: string | null): void {
  Object.assign(currentEgress(), { proxyUrl, dispatcher: null });
}

export function egressDispatcher(): Dispatcher {
  const egress = currentEgress();
  egress.dispatcher ??= createDispatcher(egress.proxyUrl);
  return egress.dispatcher;
}

/**
 * Behind an egress proxy it is the proxy that looks names up, so the guard sees the proxy's own name only.
 */
function createDispatcher(proxyUrl: string | null): Dispatcher {
  // Each request has a time of its own (see http-client.ts), so that the agent's are off.
  const options = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 16_384 };
  const connect = { lookup: createGuardedLookup(), timeout: 10_000 };
  if (proxyUrl === null) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxyUrl, proxyTls: connect });
}

function currentEgress(): Egress {
  return processSingleton('egress', () => ({ proxyUrl: null, dispatcher: null }));
}
