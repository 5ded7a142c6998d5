/** What a load balancer asks: whether the process responds, and whether users could sign in now. */
import 'server-only';
import { isServerReachable } from '../oauth/metadata';
import { currentStore } from '../store/current-store';

const headers = { 'Cache-Control': 'no-store' };

/**
 * Alive: the process responds. Asks no other server.
 * @example
 * export const dynamic = 'force-dynamic';
 * export const { GET } = healthRoute;
 */
export const healthRoute = {
  GET: (): Response => Response.json({ status: 'ok' }, { headers }),
};

/**
 * Ready: users could sign in now. Says which part is missing, and no address.
 * @example
 * export const dynamic = 'force-dynamic';
 * export const { GET } = readinessRoute;
 */
export const readinessRoute = {
  async GET(): Promise<Response> {
    const [hasServer, store] = await Promise.all([isServerReachable(), describeStore()]);
    const isReady = hasServer && store === 'ok';
    const body = {
      status: isReady ? 'ok' : 'unavailable',
      authorizationServer: hasServer ? 'ok' : 'unreachable',
      store,
    };
    return Response.json(body, { status: isReady ? 200 : 503, headers });
  },
};

async function describeStore(): Promise<'ok' | 'unreachable' | 'rejects_writes'> {
  const store = currentStore();
  if (await store.takesWrites()) return 'ok';
  return (await store.isReachable()) ? 'rejects_writes' : 'unreachable';
}
