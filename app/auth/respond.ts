/** The one funnel from what happened to an HTTP answer, for the routes under /auth. */
import { NextResponse } from 'next/server';
import { problemPath, type Wanted } from '@/lib/auth/sign-in-path';
import { AppError } from '@/lib/base/errors';
import { logFailure, logWarning } from '@/lib/base/log';
import { newReference } from '@/lib/base/reference';
import { getConfig } from '@/lib/config/config';

/** 303, so that a form's fields are never sent on, and stored nowhere. @see RFC 9700 §4.12 */
export function redirectTo(target: string | URL): NextResponse {
  return withAuthHeaders(NextResponse.redirect(new URL(target, getConfig().appOrigin), 303));
}

/** The page that says what went wrong, with a reference that is in the log. */
export function redirectToProblem(event: string, error: AppError, wanted: Wanted = {}): NextResponse {
  const reference = newReference();
  const fields = { reference, code: error.code, reason: error.reason };
  if (error.status >= 500) logFailure(event, error, fields);
  else logWarning(event, fields);
  const { code, retryAfterSec: waitSec } = error;
  return redirectTo(problemPath({ code, reference, waitSec }, wanted));
}

/** Whoever knocks too often is told when to come back, and keeps what they had. @see lib/auth/take-turn.ts */
export function redirectToWait(
  { retryAfterSec }: { retryAfterSec: number },
  wanted: Wanted = {},
): NextResponse {
  const response = redirectToProblem(
    'rate_limited',
    new AppError('too_many_requests', { retryAfterSec }),
    wanted,
  );
  response.headers.set('Retry-After', String(retryAfterSec));
  return response;
}

/** An answer without a page: for requests that software made, or that must do nothing. */
export function answerNothing(status: 204 | 401 | 403): NextResponse {
  return withAuthHeaders(new NextResponse(null, { status }));
}

function withAuthHeaders(response: NextResponse): NextResponse {
  response.headers.set('Cache-Control', 'no-store');
  return response;
}
