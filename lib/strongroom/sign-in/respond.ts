/** Turns what happened into an HTTP response, for all routes under /auth. */
import 'server-only';
import { NextResponse } from 'next/server';
import { AppError } from '../base/errors';
import type { EventName } from '../base/events';
import { logFailure, logWarning, serverWords } from '../base/log';
import { hintOf } from '../base/operator-hints';
import { newReference } from '../base/reference';
import { publicAddress } from '../config/public-address';
import { problemPath, type Wanted } from './paths';

/**
 * 303, so that a form's fields are never sent on, and stored nowhere. @see RFC 9700 §4.12
 * @param target a path of this application, or an address of the authorization server
 */
export function redirectTo(target: string | URL): NextResponse {
  const address = typeof target === 'string' ? publicAddress(target) : target;
  const response = NextResponse.redirect(address, 303);
  // From the proxy, Next sends the address as a body, of no type at all.
  response.headers.set('Content-Type', 'text/plain; charset=utf-8');
  return withAuthHeaders(response);
}

/** The page that says what went wrong, with a reference that is in the log. */
export function redirectToProblem(event: EventName, error: AppError, wanted: Wanted = {}): NextResponse {
  const reference = newReference();
  // That of a transaction, which is declared; elsewhere it may be a text from outside.
  const asked = event === 'sign_in_rejected' ? { permission: wanted.permission } : {};
  const fields = { reference, code: error.code, reason: error.reason, ...asked, ...hintOf(error.reason) };
  if (error.status >= 500) logFailure(event, error, fields);
  else logWarning(event, { ...fields, ...serverWords(error) });
  const { code, retryAfterSec: waitSec } = error;
  return redirectTo(problemPath({ code, reference, waitSec }, wanted));
}

/** Beyond the rate limit: the page says when to come back, and what the user wanted is kept. */
export function redirectToRateLimited(
  { retryAfterSec }: { retryAfterSec: number },
  wanted: Wanted = {},
): NextResponse {
  const response = redirectToProblem('rate_limited', new AppError('rate_limited', { retryAfterSec }), wanted);
  response.headers.set('Retry-After', String(retryAfterSec));
  return response;
}

/** While the store is away it is unknown whether the session goes on. */
export function redirectToIndeterminate(returnTo: string): NextResponse {
  const error = new AppError('store_unavailable', { reason: 'session_indeterminate' });
  return redirectToProblem('session_indeterminate', error, { returnTo });
}

/**
 * For a page of another site that fetches or frames ours: nothing to look at, and nothing that depends on who
 * is signed in.
 */
export function rejectSubresource(): NextResponse {
  logWarning('subresource_rejected');
  return emptyResponse(403);
}

/**
 * For a prefetch, which starts nothing. A browser takes an empty success for the page and shows
 * it at the click; what failed it drops, and asks again.
 */
export function rejectPrefetch(): NextResponse {
  return emptyResponse(503);
}

/** A response without a page: for requests that a script made, or that must do nothing. */
export function emptyResponse(status: number, headers: Record<string, string> = {}): NextResponse {
  return withAuthHeaders(new NextResponse(null, { status, headers }));
}

function withAuthHeaders(response: NextResponse): NextResponse {
  response.headers.set('Cache-Control', 'no-store');
  return response;
}
