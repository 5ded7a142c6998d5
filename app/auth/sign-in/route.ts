/** Starts a sign-in: for links on our own pages. Anybody else's link, or an address typed by hand, is asked first. */
import type { NextRequest } from 'next/server';
import { AppError } from '@/lib/strongroom/base/errors';
import { classifyNavigation } from '@/lib/strongroom/base/fetch-metadata';
import { readReturnTo } from '@/lib/strongroom/base/return-to';
import { getConfig } from '@/lib/strongroom/config/config';
import { checkRateLimit } from '@/lib/strongroom/server/rate-limit';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { openStepUp } from '@/lib/strongroom/session/step-up';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import { revokeGrant } from '@/lib/strongroom/sign-in/revoke-grant';
import { startSignIn } from '@/lib/strongroom/sign-in/start-sign-in';
import {
  answerNothing,
  redirectTo,
  redirectToProblem,
  redirectToRateLimited,
  rejectSubresource,
} from '../../../lib/strongroom/sign-in/respond';

export async function GET(request: NextRequest): Promise<Response> {
  const returnTo = readReturnTo(single(request, 'return_to'));
  switch (classifyNavigation(request.headers, getConfig().appOrigin)) {
    case 'prefetch':
      return answerNothing(204);
    case 'subresource':
      return rejectSubresource();
    case 'cross_origin':
      return redirectTo(signInPath({ returnTo }));
    case 'same_origin': {
      const permission = single(request, 'permission');
      const turn = await checkRateLimit('sign_in', request.headers);
      if (turn.kind === 'rate_limited')
        return redirectToRateLimited(turn, { returnTo, permission: permission ?? undefined });
      return start(returnTo, permission, single(request, 'step_up'));
    }
  }
}

/** Next would answer HEAD with GET, and start something. */
export function HEAD(): Response {
  return answerNothing(204);
}

async function start(
  returnTo: string,
  permission: string | null,
  sealedStepUp: string | null,
): Promise<Response> {
  const jar = await requestCookies();
  try {
    const found = await loadSession(jar);
    if (found.kind === 'over') await revokeGrant(found);
    const session = found.kind === 'session' ? found.session : null;
    const stepUp = session === null ? null : await openStepUp(sealedStepUp, pseudonymOf(session.user));
    return redirectTo(await startSignIn(jar, { returnTo, permission, stepUp, session }));
  } catch (error) {
    const known = AppError.from(error);
    return redirectToProblem('sign_in_not_started', known, { returnTo, permission: permission ?? undefined });
  }
}

/** A parameter that is there once; repeated ones count as absent. @see RFC 6749 §3.1 */
function single(request: NextRequest, name: string): string | null {
  const values = request.nextUrl.searchParams.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
