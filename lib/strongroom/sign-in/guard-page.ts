/**
 * What Next's proxy does before a page: it refreshes tokens that are due, sends users without a session to
 * sign in, and decides about requests for which Next would respond with a bare 500.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { nowSec } from '../base/clock';
import type { AppError } from '../base/errors';
import { isCrossOriginSubresource, isPrefetch, isSameOriginRequest } from '../base/fetch-metadata';
import { getConfig } from '../config/config';
import { needsRefresh } from '../oauth/token-age';
import type { CookieJar } from '../session/cookie-jar';
import { noteLastSeen } from '../session/last-seen';
import { loadSession } from '../session/load-session';
import { isRejected, type LoadedSession, signInReasonOf } from '../session/loaded-session';
import type { Session } from '../session/session';
import { refreshIfDue } from './fresh-session';
import { isProtectedPath, readReturnTo, signInPath } from './paths';
import { revokeGrant } from './revoke-grant';

export type GuardVerdict =
  /**
   * On to the page, which is handed what was loaded; null when the page is public, or has to load the session
   * by itself.
   */
  | { kind: 'continue'; loaded: LoadedSession | null }
  | { kind: 'redirect'; target: string }
  /**
   * A prefetch of a page that needs a click: a refresh would rotate a token that no click asked for, and the
   * user may have signed in by the time they click.
   */
  | { kind: 'prefetch_not_served' }
  /** It is unknown whether the session was revoked; `returnTo` is the page that the user wanted. */
  | { kind: 'indeterminate'; returnTo: string }
  /** An unexpected error. */
  | { kind: 'failed'; error: AppError }
  /** A form that another site sent here. */
  | { kind: 'cross_site_form' }
  /** A page of another site that fetches or frames ours. */
  | { kind: 'subresource' };

export async function guardPage(request: NextRequest, jar: CookieJar): Promise<GuardVerdict> {
  const { pathname } = request.nextUrl;
  // The routes under /auth check their callers themselves.
  const isForm = request.method === 'POST' && !pathname.startsWith('/auth/');
  if (isForm && !isSameOriginRequest(request.headers, getConfig().appOrigin))
    return { kind: 'cross_site_form' };
  if (isSubresource(request)) return { kind: 'subresource' };
  if (!isProtectedPath(pathname)) return { kind: 'continue', loaded: null };
  const loaded = await loadSession(jar);
  if (loaded.kind === 'active') return guardSession(request, jar, loaded.session);
  if (isPrefetch(request.headers)) return { kind: 'prefetch_not_served' };
  // The cookie of a rejected session stays: it may be that of a newer sign-in by now, which a late response
  // must not remove.
  if (isRejected(loaded)) await revokeGrant(loaded);
  return leadToSignIn(request, loaded);
}

/** Checked before the session is, so that the response says nothing about it. */
function isSubresource(request: NextRequest): boolean {
  const hasOwnGuard = /^\/(auth|api)\//.test(request.nextUrl.pathname);
  return !hasOwnGuard && isReading(request) && isCrossOriginSubresource(request.headers);
}

async function guardSession(request: NextRequest, jar: CookieJar, session: Session): Promise<GuardVerdict> {
  // Only the browser's own prefetches are seen here. Next hides those of its router from the proxy, so links
  // to protected pages turn prefetching off.
  if (isPrefetch(request.headers))
    return needsRefresh(session.tokens, nowSec())
      ? { kind: 'prefetch_not_served' }
      : { kind: 'continue', loaded: { kind: 'active', session } };
  const result = await refreshIfDue(jar, session);
  if (result.kind === 'login_required')
    return leadToSignIn(request, { kind: 'revoked', reason: result.reason, session });
  await noteLastSeen(jar, result.session, !isReading(request));
  // The action of a form runs when its last byte has arrived, and the user may have signed out until then.
  if (!isReading(request)) return { kind: 'continue', loaded: null };
  return { kind: 'continue', loaded: { kind: 'active', session: result.session } };
}

/** A form goes on to its action, which keeps the text that was typed and then asks to sign in. */
function leadToSignIn(request: NextRequest, loaded: LoadedSession): GuardVerdict {
  if (!isReading(request)) return { kind: 'continue', loaded };
  const returnTo = pageOf(request);
  if (loaded.kind === 'indeterminate') return { kind: 'indeterminate', returnTo };
  return { kind: 'redirect', target: signInPath({ returnTo, reason: signInReasonOf(loaded) }) };
}

function isReading({ method }: NextRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The router's data files of a page lead back to the page. */
function pageOf({ nextUrl: { pathname, search } }: NextRequest): string {
  return readReturnTo(pathname.replace(/\.segments\/.*$|\.rsc$/, '') + search);
}
