/** What the proxy does for a protected page: fresh tokens for those who are signed in, the way to sign in for everybody else. */
import 'server-only';
import type { NextRequest } from 'next/server';
import { readReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import type { CookieJar } from '@/lib/session/seal';
import { readSession } from '@/lib/session/session-cookie';
import { keepFresh } from './keep-fresh';
import { isPrefetch } from './same-origin';
import { type SignInReason, signInPath } from './sign-in-path';

/** @returns where to send the browser instead of the page, or null to go on */
export async function guardPage(request: NextRequest, jar: CookieJar): Promise<URL | null> {
  if (!isProtectedPath(request.nextUrl.pathname)) return null;
  const session = await readSession(jar);
  if (session === null) return askToSignIn(request);
  if (isPrefetch(request.headers)) return null;
  const outcome = await keepFresh(jar, session);
  return outcome.kind === 'ended' ? askToSignIn(request, 'ended') : null;
}

export function isProtectedPath(pathname: string): boolean {
  return pathname === '/dashboard' || pathname.startsWith('/dashboard/');
}

/** A form that was sent keeps going: its action keeps what was typed, and then asks. */
function askToSignIn(request: NextRequest, reason?: SignInReason): URL | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  const { pathname, search } = request.nextUrl;
  const path = signInPath({
    returnTo: readReturnTo(pathname + search),
    ...(reason === undefined ? {} : { reason }),
  });
  return new URL(path, getConfig().appOrigin);
}
