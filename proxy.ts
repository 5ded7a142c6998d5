/**
 * Runs before every page. It keeps the session's tokens fresh, which rendering cannot (a page cannot set cookies), sends users without a
 * session to sign in, and gives every page its nonce. It is a comfort, not the guard: each page and action checks by itself.
 */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { AppError, isErrorCode, statusOfError } from '@/lib/strongroom/base/errors';
import { readWaitSec } from '@/lib/strongroom/base/retry-after';
import { contentSecurityPolicy, privateCacheControl } from '@/lib/strongroom/base/security-headers';
import { getConfig } from '@/lib/strongroom/config/config';
import { isDevelopment } from '@/lib/strongroom/config/mode';
import { serverOrigins } from '@/lib/strongroom/oauth/server-origins';
import { readClientAddress } from '@/lib/strongroom/server/client-address';
import type { LoadedSession } from '@/lib/strongroom/session/loaded-session';
import { collectCookies } from '@/lib/strongroom/session/proxy-cookies';
import { handOverSession } from '@/lib/strongroom/session/session-handover';
import { type GuardVerdict, guardPage } from '@/lib/strongroom/sign-in/guard-page';
import { redirectTo, redirectToProblem, rejectSubresource } from '@/lib/strongroom/sign-in/respond';

export const config = {
  // Not the API proxy, nor logout tokens: they answer software in JSON, and Next would keep every body that passes here.
  matcher: [
    '/((?!_next/static/|icon\\.svg$|robots\\.txt$|healthz$|readyz$|api/gateway(?:/|$)|auth/back-channel-logout$).*)',
  ],
};

/** The pages that need a session, each with everything below it. */
const protectedPaths = ['/dashboard'];

export async function proxy(request: NextRequest): Promise<NextResponse> {
  // Before the front endpoint stands, nothing was checked.
  if (readClientAddress(request.headers) === null) return notReady();
  const { isHttps } = getConfig();
  const cookies = collectCookies(request);
  const verdict = await guardPage(request, cookies.jar, protectedPaths).catch(failClosed);
  const nonce = randomBytes(16).toString('base64');
  const policy = contentSecurityPolicy({ nonce, isHttps, isDevelopment, serverOrigins: serverOrigins() });
  const response = answer(request, verdict, policy);
  response.headers.set('Content-Security-Policy', policy);
  response.headers.set('Cache-Control', privateCacheControl);
  cookies.applyTo(response);
  return response;
}

function notReady(): NextResponse {
  const headers = { 'Retry-After': '1', 'Cache-Control': 'no-store' };
  return new NextResponse('Strongroom is starting. Try again in a moment.\n', { status: 503, headers });
}

/** An unexpected error lets no request through: it leads to a page that says so. */
function failClosed(error: unknown): GuardVerdict {
  return { kind: 'failed', error: AppError.from(error) };
}

function answer(request: NextRequest, verdict: GuardVerdict, policy: string): NextResponse {
  switch (verdict.kind) {
    case 'continue':
      return continueWith(request, policy, verdict.loaded);
    case 'redirect':
      return redirectTo(verdict.target);
    case 'prefetch_not_served':
      return new NextResponse(null, { status: 204 });
    case 'unchecked':
      return redirectToProblem(
        'session_unchecked',
        new AppError('store_unavailable', { reason: 'session_unchecked' }),
        { returnTo: verdict.returnTo },
      );
    case 'failed':
      return redirectToProblem('guard_failed', verdict.error);
    case 'cross_site_form':
      return redirectToProblem(
        'form_rejected',
        new AppError('cross_site_request', { reason: 'cross_site_form' }),
      );
    case 'subresource':
      return rejectSubresource();
  }
}

/** Next reads the nonce for its scripts from the policy in the request's headers: ours, whatever the browser sent. */
function continueWith(request: NextRequest, policy: string, loaded: LoadedSession | null): NextResponse {
  const headers = new Headers(request.headers);
  handOverSession(headers, loaded);
  headers.set('Content-Security-Policy', policy);
  const status = statusOfPage(request.nextUrl);
  const response = NextResponse.next({ request: { headers }, ...(status === null ? {} : { status }) });
  if (status === 503 || status === 429)
    response.headers.set('Retry-After', String(readWaitSec(request.nextUrl.searchParams.get('wait')) ?? 60));
  return response;
}

/** A problem page carries the status of its problem. */
function statusOfPage({ pathname, searchParams }: URL): number | null {
  if (pathname !== '/sign-in/problem') return null;
  const code = searchParams.get('code');
  return isErrorCode(code) ? statusOfError(code) : 400;
}
