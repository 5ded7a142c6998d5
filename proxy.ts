/**
 * Runs before every page. It keeps the session's tokens fresh, which rendering cannot (a page cannot set cookies), sends people without a
 * session to sign in, and gives every page its nonce. It is a comfort, not the guard: each page and action checks by itself.
 */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { redirectTo, redirectToProblem, refuseEmbedding } from '@/app/auth/respond';
import { type GuardVerdict, guardPage } from '@/lib/auth/guard-page';
import { AppError, findAppError, isErrorCode, statusOfError } from '@/lib/base/errors';
import { readWaitSec } from '@/lib/base/retry-after';
import { contentSecurityPolicy, privateCacheControl } from '@/lib/base/security-headers';
import { getConfig } from '@/lib/config/config';
import { isDevelopment } from '@/lib/config/mode';
import { readClientAddress } from '@/lib/front-door/client-address';
import { serverOrigins } from '@/lib/oauth/server-origins';
import { collectCookies } from '@/lib/session/proxy-cookies';

export const config = {
  // Not the API proxy, nor logout tokens: they answer software in JSON, and Next would keep every body that passes here.
  matcher: [
    '/((?!_next/static/|icon\\.svg$|robots\\.txt$|healthz$|readyz$|api/proxy(?:/|$)|auth/back-channel-logout$).*)',
  ],
};

export async function proxy(request: NextRequest): Promise<NextResponse> {
  // Before the front door stands, nothing was checked.
  if (readClientAddress(request.headers) === null) return notReady();
  const { isHttps } = getConfig();
  const cookies = collectCookies(request);
  const verdict = await guardPage(request, cookies.jar).catch(failClosed);
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

/** Whatever goes wrong here, nobody gets in by it, and it is a page that says so. */
function failClosed(error: unknown): GuardVerdict {
  return { kind: 'failed', error: findAppError(error) ?? new AppError('unexpected', { cause: error }) };
}

function answer(request: NextRequest, verdict: GuardVerdict, policy: string): NextResponse {
  switch (verdict.kind) {
    case 'continue':
      return continueWith(request, policy);
    case 'redirect':
      return redirectTo(verdict.target);
    case 'nothing_ahead':
      return new NextResponse(null, { status: 204 });
    case 'unchecked':
      return redirectToProblem(
        'session_unchecked',
        new AppError('store_down', { reason: 'session_unchecked' }),
        { returnTo: verdict.returnTo },
      );
    case 'failed':
      return redirectToProblem('guard_failed', verdict.error);
    case 'foreign_form':
      return redirectToProblem(
        'form_refused',
        new AppError('cross_site_request', { reason: 'foreign_form' }),
      );
    case 'embedded':
      return refuseEmbedding();
  }
}

/** Next reads the nonce for its scripts from the policy in the request's headers: ours, whatever the browser sent. */
function continueWith(request: NextRequest, policy: string): NextResponse {
  const headers = new Headers(request.headers);
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
