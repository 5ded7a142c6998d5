/**
 * What other servers ask: a load balancer, whether the process responds and whether users could sign in now; the
 * authorization server, by which keys it verifies what this client signs.
 */
import 'server-only';
import { getConfig } from '../config/config';
import { publicClientKeys } from '../oauth/client-keys';
import { getMetadata, isServerReachable } from '../oauth/metadata';
import { describeProtections, protectionsAt } from '../oauth/protections';
import { findUnmetRequirements } from '../oauth/server-requirements';
import { isShuttingDown } from '../server/shutdown';
import { currentStore } from '../store/current-store';

const headers = { 'Cache-Control': 'no-store' };
/** A server that kept the set for long would not learn of the next key in time. @see RFC 7517 §8.5.2 */
const keySetHeaders = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'public, max-age=300' };

/**
 * Alive: the process responds, and no other server is asked. Ready: users could sign in now; the response
 * says which part is missing, which protections a sign-in has, and no address. Client keys: the public ones,
 * or 404 where there are none.
 * @example
 * export const dynamic = 'force-dynamic';
 * export const GET = health.alive;
 */
export const health = {
  alive: (): Response => Response.json({ status: 'ok' }, { headers }),
  async ready(): Promise<Response> {
    if (isShuttingDown()) return Response.json({ status: 'shutting_down' }, { status: 503, headers });
    const [server, store] = await Promise.all([describeServer(), describeStore()]);
    const isReady = server.authorizationServer === 'ok' && store === 'ok';
    const body = { status: isReady ? 'ok' : 'unavailable', ...server, store };
    return Response.json(body, { status: isReady ? 200 : 503, headers });
  },
  clientKeys(): Response {
    const set = publicClientKeys();
    if (set.keys.length === 0) return Response.json({ status: 'none' }, { status: 404, headers });
    return Response.json(set, { headers: keySetHeaders });
  },
};

type ServerState = {
  authorizationServer: 'ok' | 'unreachable' | 'requires_more';
  protections?: string;
};

async function describeServer(): Promise<ServerState> {
  if (!(await isServerReachable())) return { authorizationServer: 'unreachable' };
  const metadata = await getMetadata();
  const isUsable = findUnmetRequirements(getConfig(), metadata).length === 0;
  return {
    authorizationServer: isUsable ? 'ok' : 'requires_more',
    protections: describeProtections(await protectionsAt(metadata)),
  };
}

async function describeStore(): Promise<'ok' | 'unreachable' | 'rejects_writes'> {
  const store = currentStore();
  if (await store.takesWrites()) return 'ok';
  return (await store.isReachable()) ? 'rejects_writes' : 'unreachable';
}
