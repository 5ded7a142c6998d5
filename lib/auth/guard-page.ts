/**
 * What the proxy does before a page: fresh tokens for those who are signed in, the way to sign in for everybody else, and an answer of ours
 * where Next would end in a bare 500.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { nowSec } from '@/lib/base/clock';
import type { AppError } from '@/lib/base/errors';
import { readReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import { needsRefresh } from '@/lib/oauth/token-age';
import { noteActivity } from '@/lib/session/activity';
import { lookUpSession } from '@/lib/session/look-up-session';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { giveBackGrant } from './give-back-grant';
import { keepFresh } from './keep-fresh';
import { isBackground, isOwnRequest, isPrefetch } from './same-origin';
import { type SignInReason, signInPath } from './sign-in-path';

export type GuardVerdict =
  | { kind: 'continue' }
  | { kind: 'redirect'; target: URL }
  /** A page that was fetched ahead with tokens that are due: renewing is for people, and a page without data is for nobody. */
  | { kind: 'nothing_ahead' }
  /** Nobody can tell now whether the session still holds; `returnTo` is where the person wanted to go. */
  | { kind: 'unchecked'; returnTo: string }
  /** Something that nobody foresaw. */
  | { kind: 'failed'; error: AppError }
  /** A form that another site sent here. */
  | { kind: 'foreign_form' };

export async function guardPage(request: NextRequest, jar: CookieJar): Promise<GuardVerdict> {
  const { pathname } = request.nextUrl;
  // The routes under /auth judge their callers themselves.
  const isForm = request.method === 'POST' && !pathname.startsWith('/auth/');
  if (isForm && !isOwnRequest(request.headers, getConfig().appOrigin)) return { kind: 'foreign_form' };
  if (!isProtectedPath(pathname)) return { kind: 'continue' };
  const found = await lookUpSession(jar);
  switch (found.kind) {
    case 'session':
      return guardSession(request, jar, found.session);
    case 'unchecked':
      return refuseUnchecked(request);
    case 'none':
      return askToSignIn(request);
    case 'over':
      // A dead cookie is left where it is: a late answer must not remove that of a newer sign-in.
      await giveBackGrant(found);
      return askToSignIn(request, 'ended');
  }
}

async function guardSession(request: NextRequest, jar: CookieJar, session: Session): Promise<GuardVerdict> {
  // The browser's own prefetches. Next hides its router's from the proxy: links to protected pages have none.
  if (isPrefetch(request.headers))
    return { kind: needsRefresh(session.tokens, nowSec()) ? 'nothing_ahead' : 'continue' };
  const isPresent = !isBackground(request.headers);
  const outcome = await keepFresh(jar, session, isPresent);
  if (outcome.kind === 'ended') return askToSignIn(request, 'ended');
  if (isPresent) await noteActivity(jar, outcome.session, !isReading(request));
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

function refuseUnchecked(request: NextRequest): GuardVerdict {
  return isReading(request) ? { kind: 'unchecked', returnTo: pageOf(request) } : { kind: 'continue' };
}

function isReading({ method }: NextRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The router's data files of a page lead back to the page. */
function pageOf({ nextUrl: { pathname, search } }: NextRequest): string {
  return readReturnTo(pathname.replace(/\.segments\/.*$|\.rsc$/, '') + search);
}
