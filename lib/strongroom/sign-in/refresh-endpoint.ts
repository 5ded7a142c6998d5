/**
 * `GET /auth/refresh` is for a page whose access token the API rejected while it rendered, or that has none yet
 * for that API: refreshes once and redirects back.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { AppError } from '../base/errors';
import { isCrossOriginSubresource, isForPage, isPrefetch } from '../base/fetch-metadata';
import type { Api } from '../config/apis';
import { getApi, getConfig } from '../config/config';
import { checkRateLimit } from '../server/rate-limit';
import { findAccessToken } from '../session/access-token';
import { loadSession } from '../session/load-session';
import { signInReasonOf } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import { fingerprintOf } from '../session/token-fingerprint';
import { noteDelay, refreshAfterRejection, refreshIfDue } from './fresh-session';
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
    // Next's router asks by fetch, and shows nothing when it is led back to the page that it comes from: at a
    // response that is not its own it navigates here as a browser does. The console would show an error
    // status, and the router expects a body, which 204 does not have.
    if (!isForPage(request.headers)) return emptyResponse(200);
    const returnTo = readReturnTo(request.nextUrl.searchParams.get('return_to'));
    const rateLimit = await checkRateLimit('refresh', request.headers);
    if (rateLimit.kind === 'rate_limited') return redirectToRateLimited(rateLimit, { returnTo });
    const jar = await requestCookies();
    const loaded = await loadSession(jar);
    // A session that cannot be checked now has not ended: signing in would not help.
    if (loaded.kind === 'indeterminate') return redirectToIndeterminate(returnTo);
    if (loaded.kind !== 'active') return redirectTo(signInPath({ returnTo, reason: signInReasonOf(loaded) }));
    const { session } = loaded;
    const { searchParams } = request.nextUrl;
    const api = findApi(searchParams.get('api'));
    const accessToken = findAccessToken(session.tokens, api)?.accessToken ?? null;
    // Another tab may have replaced the rejected token already, and a link from elsewhere names none.
    const isRejected = accessToken !== null && searchParams.get('rejected') === fingerprintOf(accessToken);
    if (accessToken !== null && !isRejected) return redirectTo(returnTo);
    const result = isRejected
      ? await refreshAfterRejection(jar, session, api)
      : await refreshIfDue(jar, session, { api });
    switch (result.kind) {
      case 'fresh':
        return redirectTo(returnTo);
      case 'login_required':
        return redirectTo(signInPath({ returnTo, reason: result.reason }));
      case 'unchanged':
        // Going back to the page would lead here again: it shows the rest, or the user waits on another one.
        if (api.tokenName !== null && (await noteDelay(jar, result.session, api)))
          return redirectTo(returnTo);
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

/** A name that is not declared came from elsewhere, and is the first API. */
function findApi(name: string | null): Api {
  return getConfig().apis.find((api) => api.name === name) ?? getApi();
}
