/** The endpoint back from a token that the API rejected while a page was rendering: fetches a new one once, and returns to the page. */
import type { NextRequest } from 'next/server';
import { AppError } from '@/lib/strongroom/base/errors';
import { isCrossOriginSubresource, isPrefetch } from '@/lib/strongroom/base/fetch-metadata';
import { readReturnTo } from '@/lib/strongroom/base/return-to';
import { checkRateLimit } from '@/lib/strongroom/server/rate-limit';
import { readSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { fingerprintOf } from '@/lib/strongroom/session/token-fingerprint';
import { refreshAfterRejection } from '@/lib/strongroom/sign-in/fresh-session';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import {
  answerNothing,
  redirectTo,
  redirectToProblem,
  redirectToRateLimited,
  rejectSubresource,
} from '../../../lib/strongroom/sign-in/respond';

export async function GET(request: NextRequest): Promise<Response> {
  if (isPrefetch(request.headers)) return answerNothing(204);
  // Pages of others must not use up what their visitors may do.
  if (isCrossOriginSubresource(request.headers)) return rejectSubresource();
  const returnTo = readReturnTo(request.nextUrl.searchParams.get('return_to'));
  const turn = await checkRateLimit('refresh', request.headers);
  if (turn.kind === 'rate_limited') return redirectToRateLimited(turn, { returnTo });
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) return redirectTo(signInPath({ returnTo }));
  // Another tab may have replaced the rejected token already, and a link from elsewhere names none.
  if (request.nextUrl.searchParams.get('rejected') !== fingerprintOf(session.tokens.accessToken))
    return redirectTo(returnTo);
  const delayed = new AppError('temporarily_unavailable', { reason: 'refresh_delayed' });
  const outcome = await refreshAfterRejection(jar, session);
  switch (outcome.kind) {
    case 'fresh':
      return redirectTo(returnTo);
    case 'login_required':
      return redirectTo(signInPath({ returnTo, reason: 'ended' }));
    case 'unchanged':
      // Going back to the page would lead here again: the page to wait on is another one.
      return redirectToProblem('refresh_delayed', delayed, { returnTo });
  }
}

/** A form that was sent while the token was rejected is redirected here as it is: on as GET, which sends nothing twice. */
export function POST(request: NextRequest): Response {
  return redirectTo(request.nextUrl.pathname + request.nextUrl.search);
}

export function HEAD(): Response {
  return answerNothing(204);
}
