/**
 * Where the authorization server tells that somebody signed out there. It comes without cookies and without a browser; its signed token is
 * all that counts. @see OIDC Back-Channel Logout 1.0 §2.5 to §2.8
 */
import type { NextRequest } from 'next/server';
import { endByLogoutToken, type LogoutOutcome } from '@/lib/auth/back-channel-logout';
import { readBoundedText } from '@/lib/base/bounded-body';
import { getConfig } from '@/lib/config/config';
import { readClientAddress } from '@/lib/front-door/client-address';

const maxBytes = 64_000;

export async function POST(request: NextRequest): Promise<Response> {
  // proxy.ts does not run before this route.
  if (readClientAddress(request.headers) === null) return refuse(503, 'try again', { 'retry-after': '1' });
  if (!getConfig().isBackchannelLogoutOn) return refuse(404, 'back-channel logout is not offered here');
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return refuse(400, 'send a form with one logout_token');
  const body = await readBoundedText(request, maxBytes);
  if (body === null) return refuse(413, 'the body is too large');
  const [token = '', ...more] = new URLSearchParams(body).getAll('logout_token');
  if (token === '' || more.length > 0) return refuse(400, 'send a form with one logout_token');
  return answer(await endByLogoutToken(token, request.headers));
}

export function GET(): Response {
  return refuse(405, 'send a form with one logout_token', { allow: 'POST' });
}

function answer(outcome: LogoutOutcome): Response {
  switch (outcome.kind) {
    case 'ended':
      return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
    case 'refused':
      // Why stays in the log: whoever sends forged tokens learns nothing from the answer.
      return refuse(400, 'the logout_token was not believed');
    case 'too_many':
      return refuse(429, 'too many logout tokens', { 'retry-after': String(outcome.retryAfterSec) });
    case 'later':
      return refuse(503, 'try again', { 'retry-after': '10' });
  }
}

function refuse(status: number, description: string, headers: Record<string, string> = {}): Response {
  const body = { error: 'invalid_request', error_description: description };
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}
