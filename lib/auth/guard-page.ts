/**
 * What the proxy does before a page: fresh tokens for those who are signed in, the way to sign in for everybody else, and an answer of ours
 * where Next would end in a bare 500.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { nowSec } from '@/lib/base/clock';
import { readReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import { needsRefresh } from '@/lib/oauth/token-age';
import type { CookieJar } from '@/lib/session/seal';
import { hasSessionCookie, readSession } from '@/lib/session/session-cookie';
import { keepFresh } from './keep-fresh';
import { isOwnRequest, isPrefetch } from './same-origin';
import { type SignInReason, signInPath } from './sign-in-path';

export type GuardVerdict =
  | { kind: 'continue' }
  | { kind: 'redirect'; target: URL }
  /** A page that was fetched ahead with tokens that are due: renewing is for people, and a page without data is for nobody. */
  | { kind: 'nothing_ahead' }
  /** An address whose percent-encoding means nothing: no page has it. */
  | { kind: 'no_such_address' }
  /** A form that another site sent here. */
  | { kind: 'foreign_form' };

export async function guardPage(request: NextRequest, jar: CookieJar): Promise<GuardVerdict> {
  const { pathname } = request.nextUrl;
  if (!isDecodable(pathname)) return { kind: 'no_such_address' };
  // The routes under /auth judge their callers themselves.
  const isForm = request.method === 'POST' && !pathname.startsWith('/auth/');
  if (isForm && !isOwnRequest(request.headers, getConfig().appOrigin)) return { kind: 'foreign_form' };
  if (!isProtectedPath(pathname)) return { kind: 'continue' };
  const session = await readSession(jar);
  // A dead cookie is left where it is: a late answer must not remove that of a newer sign-in.
  if (session === null) return askToSignIn(request, hasSessionCookie(jar) ? 'ended' : undefined);
  // The browser's own prefetches. Next hides its router's from the proxy: links to protected pages have none.
  if (isPrefetch(request.headers))
    return { kind: needsRefresh(session.tokens, nowSec()) ? 'nothing_ahead' : 'continue' };
  const outcome = await keepFresh(jar, session);
  return outcome.kind === 'ended' ? askToSignIn(request, 'ended') : { kind: 'continue' };
}

function isDecodable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

export function isProtectedPath(pathname: string): boolean {
  return pathname === '/dashboard' || pathname.startsWith('/dashboard/');
}

/** A form that was sent keeps going: its action keeps what was typed, and then asks. */
function askToSignIn(request: NextRequest, reason?: SignInReason): GuardVerdict {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { kind: 'continue' };
  const { pathname, search } = request.nextUrl;
  // The router's data files of a page lead back to the page.
  const page = pathname.replace(/\.segments\/.*$|\.rsc$/, '');
  const path = signInPath({
    returnTo: readReturnTo(page + search),
    ...(reason === undefined ? {} : { reason }),
  });
  return { kind: 'redirect', target: new URL(path, getConfig().appOrigin) };
}
