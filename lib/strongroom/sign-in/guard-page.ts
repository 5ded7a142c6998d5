/**
 * What the proxy does before a page: fresh tokens for those who are signed in, the way to sign in for everybody else, and an answer of ours
 * where Next would end in a bare 500.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { nowSec } from '../base/clock';
import type { AppError } from '../base/errors';
import { isCrossOriginSubresource, isPrefetch, isSameOriginRequest } from '../base/fetch-metadata';
import { readReturnTo } from '../base/return-to';
import { getConfig } from '../config/config';
import { needsRefresh } from '../oauth/token-age';
import { noteLastSeen } from '../session/last-seen';
import { loadSession } from '../session/load-session';
import type { CookieJar } from '../session/seal';
import type { Session } from '../session/session';
import { refreshIfDue } from './fresh-session';
import { type SignInReason, signInPath } from './paths';
import { revokeGrant } from './revoke-grant';

export type GuardVerdict =
  | { kind: 'continue' }
  | { kind: 'redirect'; target: URL }
  /** A page that was fetched ahead with tokens that are due: renewing is for people, and a page without data is for nobody. */
  | { kind: 'prefetch_not_served' }
  /** Nobody can tell now whether the session still holds; `returnTo` is where the person wanted to go. */
  | { kind: 'unchecked'; returnTo: string }
  /** Something that nobody foresaw. */
  | { kind: 'failed'; error: AppError }
  /** A form that another site sent here. */
  | { kind: 'cross_site_form' }
  /** A page of another site that fetches or frames ours. */
  | { kind: 'subresource' };

export async function guardPage(request: NextRequest, jar: CookieJar): Promise<GuardVerdict> {
  const { pathname } = request.nextUrl;
  // The routes under /auth judge their callers themselves.
  const isForm = request.method === 'POST' && !pathname.startsWith('/auth/');
  if (isForm && !isSameOriginRequest(request.headers, getConfig().appOrigin))
    return { kind: 'cross_site_form' };
  if (isSubresource(request)) return { kind: 'subresource' };
  if (!isProtectedPath(pathname)) return { kind: 'continue' };
  const found = await loadSession(jar);
  switch (found.kind) {
    case 'session':
      return guardSession(request, jar, found.session);
    case 'unchecked':
      return rejectUnchecked(request);
    case 'none':
      return askToSignIn(request);
    case 'over':
      // A dead cookie is left where it is: a late answer must not remove that of a newer sign-in.
      await revokeGrant(found);
      return askToSignIn(request, 'ended');
  }
}

/** Asked before anybody knows who it is: the answer is the same for everybody. */
function isSubresource(request: NextRequest): boolean {
  const hasOwnJudge = /^\/(auth|api)\//.test(request.nextUrl.pathname);
  return !hasOwnJudge && isReading(request) && isCrossOriginSubresource(request.headers);
}

async function guardSession(request: NextRequest, jar: CookieJar, session: Session): Promise<GuardVerdict> {
  // The browser's own prefetches. Next hides its router's from the proxy: links to protected pages have none.
  if (isPrefetch(request.headers))
    return { kind: needsRefresh(session.tokens, nowSec()) ? 'prefetch_not_served' : 'continue' };
  const outcome = await refreshIfDue(jar, session);
  if (outcome.kind === 'login_required') return askToSignIn(request, 'ended');
  await noteLastSeen(jar, outcome.session, !isReading(request));
  return { kind: 'continue' };
}

export function isProtectedPath(pathname: string): boolean {
  return pathname === '/dashboard' || pathname.startsWith('/dashboard/');
}

/** A form that was sent keeps going: its action keeps what was typed, and then asks. */
function askToSignIn(request: NextRequest, reason?: SignInReason): GuardVerdict {
  if (!isReading(request)) return { kind: 'continue' };
  const path = signInPath({ returnTo: pageOf(request), ...(reason === undefined ? {} : { reason }) });
  return { kind: 'redirect', target: new URL(path, getConfig().appOrigin) };
}

function rejectUnchecked(request: NextRequest): GuardVerdict {
  return isReading(request) ? { kind: 'unchecked', returnTo: pageOf(request) } : { kind: 'continue' };
}

function isReading({ method }: NextRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The router's data files of a page lead back to the page. */
function pageOf({ nextUrl: { pathname, search } }: NextRequest): string {
  return readReturnTo(pathname.replace(/\.segments\/.*$|\.rsc$/, '') + search);
}
