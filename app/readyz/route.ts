/** Ready: people could sign in now. Says which part is missing, and no address. */
import { isServerReachable } from '@/lib/oauth/metadata';

export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  const isReachable = await isServerReachable();
  const body = {
    status: isReachable ? 'ok' : 'unavailable',
    authorizationServer: isReachable ? 'ok' : 'unreachable',
  };
  return Response.json(body, { status: isReachable ? 200 : 503, headers: { 'Cache-Control': 'no-store' } });
}
