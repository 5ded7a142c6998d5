/**
 * `GET /auth/refresh` is for a page whose access token the API rejected while it rendered: refreshes once and
 * redirects back.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { AppError } from '../base/errors';
import { isCrossOriginSubresource, isPrefetch } from '../base/fetch-metadata';
import { checkRateLimit } from '../server/rate-limit';
import { loadSession } from '../session/load-session';
import { signInReasonOf } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import { fingerprintOf } from '../session/token-fingerprint';
import { refreshAfterRejection } from './fresh-session';
import { readReturnTo, signInPath } from './paths';
import {
  emptyResponse,
  redirectTo,
  redirectToIndeterminate,
  redirectToProblem,
  redirectToRateLimited,
  rejectPrefetch,
  rejectSubresource,
} from './respond';

export const refreshEndpoint = {
  async GET(request: NextRequest): Promise<Response> {
    if (isPrefetch(request.headers)) return rejectPrefetch();
    // Pages of other sites must not use up the rate limit of their visitors.
    if (isCrossOriginSubresource(request.headers)) return rejectSubresource();
    const returnTo = readReturnTo(request.nextUrl.searchParams.get('return_to'));
    const rateLimit = await checkRateLimit('refresh', request.headers);
    if (rateLimit.kind === 'rate_limited') return redirectToRateLimited(rateLimit, { returnTo });
    const jar = await requestCookies();
    const loaded = await loadSession(jar);
    // A session that cannot be checked now has not ended: signing in would not help.
    if (loaded.kind === 'indeterminate') return redirectToIndeterminate(returnTo);
    if (loaded.kind !== 'active') return redirectTo(signInPath({ returnTo, reason: signInReasonOf(loaded) }));
    const { session } = loaded;
    // Another tab may have replaced the rejected token already, and a link from elsewhere names none.
    if (request.nextUrl.searchParams.get('rejected') !== fingerprintOf(session.tokens.accessToken))
      return redirectTo(returnTo);
    const result = await refreshAfterRejection(jar, session);
    switch (result.kind) {
      case 'fresh':
        return redirectTo(returnTo);
      case 'login_required':
        return redirectTo(signInPath({ returnTo, reason: result.reason }));
      case 'unchanged':
        // Going back to the page would lead here again, so the user waits on another one.
        return redirectToProblem(
          'refresh_delayed',
          new AppError('temporarily_unavailable', { reason: 'refresh_delayed' }),
          { returnTo },
        );
    }
  },
  /**
   * A form whose access token was rejected arrives here as POST. It goes on as GET, so that no form is sent
   * twice.
   */
  POST: (request: NextRequest): Response => redirectTo(request.nextUrl.pathname + request.nextUrl.search),
  HEAD: (): Response => emptyResponse(204),
};
