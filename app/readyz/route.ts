/** Ready: people could sign in now. Says which part is missing, and no address. */
import { isServerReachable } from '@/lib/strongroom/oauth/metadata';
import { currentStore } from '@/lib/strongroom/store/current-store';

export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  const [hasServer, hasStore] = await Promise.all([isServerReachable(), currentStore().isReachable()]);
  const isReady = hasServer && hasStore;
  const body = {
    status: isReady ? 'ok' : 'unavailable',
    authorizationServer: hasServer ? 'ok' : 'unreachable',
    store: hasStore ? 'ok' : 'unreachable',
  };
  return Response.json(body, { status: isReady ? 200 : 503, headers: { 'Cache-Control': 'no-store' } });
}
