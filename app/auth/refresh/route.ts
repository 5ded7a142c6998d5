/** The door back from a token that the API refused while a page was rendering: fetches a new one once, and returns to the page. */
import type { NextRequest } from 'next/server';
import { recoverSession } from '@/lib/auth/keep-fresh';
import { isForeignEmbedding, isPrefetch } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { takeTurn } from '@/lib/auth/take-turn';
import { AppError } from '@/lib/base/errors';
import { readReturnTo } from '@/lib/base/return-to';
import { readSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { markOfToken } from '@/lib/session/token-mark';
import { answerNothing, redirectTo, redirectToProblem, redirectToWait, refuseEmbedding } from '../respond';

export async function GET(request: NextRequest): Promise<Response> {
  if (isPrefetch(request.headers)) return answerNothing(204);
  // Pages of others must not use up what their visitors may do.
  if (isForeignEmbedding(request.headers)) return refuseEmbedding();
  const returnTo = readReturnTo(request.nextUrl.searchParams.get('return_to'));
  const turn = await takeTurn('refresh', request.headers);
  if (turn.kind === 'too_many') return redirectToWait(turn, { returnTo });
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) return redirectTo(signInPath({ returnTo }));
  // Another tab may have replaced the refused token already, and a link from elsewhere names none.
  if (request.nextUrl.searchParams.get('refused') !== markOfToken(session.tokens.accessToken))
    return redirectTo(returnTo);
  const delayed = new AppError('sign_in_service_down', { reason: 'refresh_delayed' });
  const outcome = await recoverSession(jar, session);
  switch (outcome.kind) {
    case 'fresh':
      return redirectTo(returnTo);
    case 'ended':
      return redirectTo(signInPath({ returnTo, reason: 'ended' }));
    case 'unchanged':
      // Going back to the page would lead here again: the page to wait on is another one.
      return redirectToProblem('refresh_delayed', delayed, { returnTo });
  }
}

/** A form that was sent while the token was refused is redirected here as it is: on as GET, which sends nothing twice. */
export function POST(request: NextRequest): Response {
  return redirectTo(request.nextUrl.pathname + request.nextUrl.search);
}

export function HEAD(): Response {
  return answerNothing(204);
}
