/** What a load balancer asks: whether the process responds, and whether users could sign in now. */
import 'server-only';
import { isServerReachable } from '../oauth/metadata';
import { currentStore } from '../store/current-store';

const headers = { 'Cache-Control': 'no-store' };

/**
 * Alive: the process responds, and no other server is asked. Ready: users could sign in now; the response
 * says which part is missing, and no address.
 * @example
 * export const dynamic = 'force-dynamic';
 * export const GET = health.alive;
 */
export const health = {
  alive: (): Response => Response.json({ status: 'ok' }, { headers }),
  async ready(): Promise<Response> {
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
