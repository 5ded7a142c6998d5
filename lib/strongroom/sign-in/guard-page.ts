/**
 * What happens before a page: tokens that are due are refreshed, which rendering cannot do (a page cannot set
 * cookies), users without a session are sent to sign in, and requests for which Next would respond with a bare 500
 * are decided about.
 */
import 'server-only';
import type { AppError } from '../base/errors';
import { isCrossOriginSubresource, isPrefetch, isSameOriginRequest } from '../base/fetch-metadata';
import { getConfig } from '../config/config';
import type { CookieJar } from '../session/cookie-jar';
import { noteLastSeen } from '../session/last-seen';
import { loadSession } from '../session/load-session';
import { isRejected, type LoadedSession, signInReasonOf } from '../session/loaded-session';
import type { Session } from '../session/session';
import { isAnyDue, refreshAllDue } from './fresh-session';
import { isProtectedPath, readReturnTo, signInPath } from './paths';
import { revokeGrant } from './revoke-grant';

/** Of whichever framework; addresses are those of the application, without the base path. */
export type PageRequest = {
  method: string;
  pathname: string;
  /** With its question mark. */
  search: string;
  headers: Pick<Headers, 'get'>;
};

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

export async function guardPage(request: PageRequest, jar: CookieJar): Promise<GuardVerdict> {
  const { pathname } = request;
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
function isSubresource(request: PageRequest): boolean {
  const hasOwnGuard = /^\/(auth|api)\//.test(request.pathname);
  return !hasOwnGuard && isReading(request) && isCrossOriginSubresource(request.headers);
}

async function guardSession(request: PageRequest, jar: CookieJar, session: Session): Promise<GuardVerdict> {
  // Next hides the prefetches of its router from its proxy, so links to protected pages turn prefetching off.
  if (isPrefetch(request.headers))
    return isAnyDue(session)
      ? { kind: 'prefetch_not_served' }
      : { kind: 'continue', loaded: { kind: 'active', session } };
  const result = await refreshAllDue(jar, session);
  if (result.kind === 'login_required')
    return leadToSignIn(request, { kind: 'revoked', reason: result.reason, session });
  await noteLastSeen(jar, result.session, !isReading(request));
  // The action of a form runs when its last byte has arrived, and the user may have signed out by then.
  if (!isReading(request)) return { kind: 'continue', loaded: null };
  return { kind: 'continue', loaded: { kind: 'active', session: result.session } };
}

/** A form goes on to its action, which keeps the text that was typed and then asks to sign in. */
function leadToSignIn(request: PageRequest, loaded: LoadedSession): GuardVerdict {
  if (!isReading(request)) return { kind: 'continue', loaded };
  const returnTo = pageOf(request);
  if (loaded.kind === 'indeterminate') return { kind: 'indeterminate', returnTo };
  return { kind: 'redirect', target: signInPath({ returnTo, reason: signInReasonOf(loaded) }) };
}

function isReading({ method }: PageRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The router's data files of a page lead back to the page. */
function pageOf({ pathname, search }: PageRequest): string {
  return readReturnTo(pathname.replace(/\.segments\/.*$|\.rsc$/, '') + search);
}
