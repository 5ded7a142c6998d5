/**
 * `POST /auth/back-channel-logout`: the authorization server reports that a user signed out there. The
 * request carries no cookies; its signed token is all that counts.
 * @see OIDC Back-Channel Logout 1.0 §2.5 to §2.8
 */
import 'server-only';
import { readBoundedText } from '../base/bounded-body';
import { getConfig } from '../config/config';
import { readClientAddress } from '../server/client-address';
import { type LogoutResult, revokeByLogoutToken } from './back-channel-logout';

const maxBytes = 64_000;

export const backChannelLogoutEndpoint = {
  async POST(request: Request): Promise<Response> {
    // proxy.ts does not run before this route.
    if (readClientAddress(request.headers) === null) return reject(503, 'try again', { 'retry-after': '1' });
    if (!getConfig().isBackchannelLogoutOn) return reject(404, 'back-channel logout is not offered here');
    const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') return reject(400, 'send a form with one logout_token');
    const body = await readBoundedText(request, maxBytes);
    if (body === null) return reject(413, 'the body is too large');
    const [token = '', ...more] = new URLSearchParams(body).getAll('logout_token');
    if (token === '' || more.length > 0) return reject(400, 'send a form with one logout_token');
    return respond(await revokeByLogoutToken(token, request.headers));
  },
  GET: (): Response => reject(405, 'send a form with one logout_token', { allow: 'POST' }),
};

function respond(result: LogoutResult): Response {
  switch (result.kind) {
    case 'revoked':
      return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
    case 'rejected':
      // The reason stays in the log: a forger learns nothing from the response.
      return reject(400, 'the logout_token is not valid');
    case 'rate_limited':
      return reject(429, 'too many logout tokens', { 'retry-after': String(result.retryAfterSec) });
    case 'later':
      return reject(503, 'try again', { 'retry-after': '10' });
  }
}

function reject(status: number, description: string, headers: Record<string, string> = {}): Response {
  const body = { error: 'invalid_request', error_description: description };
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}
