/** Starts a sign-in: for links on our own pages. Anybody else's link, or an address typed by hand, is asked first. */
import type { NextRequest } from 'next/server';
import { giveBackGrant } from '@/lib/auth/give-back-grant';
import { judgeNavigation } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { startSignIn } from '@/lib/auth/start-sign-in';
import { takeTurn } from '@/lib/auth/take-turn';
import { markOf } from '@/lib/auth/who';
import { AppError, findAppError } from '@/lib/base/errors';
import { readReturnTo } from '@/lib/base/return-to';
import { getConfig } from '@/lib/config/config';
import { openDemand } from '@/lib/session/demand';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { answerNothing, redirectTo, redirectToProblem, redirectToWait } from '../respond';

export async function GET(request: NextRequest): Promise<Response> {
  const returnTo = readReturnTo(single(request, 'return_to'));
  switch (judgeNavigation(request.headers, getConfig().appOrigin)) {
    case 'speculative':
      return answerNothing(204);
    case 'embedded':
      return answerNothing(403);
    case 'foreign':
      return redirectTo(signInPath({ returnTo }));
    case 'own': {
      const permission = single(request, 'permission');
      const turn = await takeTurn('sign_in', request.headers);
      if (turn.kind === 'too_many')
        return redirectToWait(turn, { returnTo, permission: permission ?? undefined });
      return start(returnTo, permission, single(request, 'demand'));
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
  sealedDemand: string | null,
): Promise<Response> {
  const jar = await requestCookies();
  try {
    const found = await lookUpSession(jar);
    if (found.kind === 'over') await giveBackGrant(found);
    const session = found.kind === 'session' ? found.session : null;
    const demand = session === null ? null : await openDemand(sealedDemand, markOf(session.user));
    return redirectTo(await startSignIn(jar, { returnTo, permission, demand, session }));
  } catch (error) {
    const known = findAppError(error) ?? new AppError('unexpected', { cause: error });
    return redirectToProblem('sign_in_not_started', known, { returnTo, permission: permission ?? undefined });
  }
}

/** A parameter that is there once; repeated ones count as absent. @see RFC 6749 §3.1 */
function single(request: NextRequest, name: string): string | null {
  const values = request.nextUrl.searchParams.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
