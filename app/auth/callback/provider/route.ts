/** Where the authorization server sends the browser back to. Any outcome leaves this address at once: the code stays in no history. */
import { type NextRequest, userAgent } from 'next/server';
import { performPending } from '@/app/dashboard/perform-pending';
import { enterSession, type SignedIn } from '@/lib/auth/enter-session';
import { finishSignIn, type SignInOutcome } from '@/lib/auth/finish-sign-in';
import { judgeNavigation } from '@/lib/auth/same-origin';
import type { Wanted } from '@/lib/auth/sign-in-path';
import { takeTurn } from '@/lib/auth/take-turn';
import { AppError, findAppError } from '@/lib/base/errors';
import { readPlainText } from '@/lib/base/guards';
import { getConfig } from '@/lib/config/config';
import { type Attempt, removeAttempt } from '@/lib/session/attempt';
import { readSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { answerNothing, redirectTo, redirectToProblem, redirectToWait } from '../../respond';

export async function GET(request: NextRequest): Promise<Response> {
  const navigation = judgeNavigation(request.headers, getConfig().appOrigin);
  if (navigation === 'speculative') return answerNothing(204);
  if (navigation === 'embedded') return answerNothing(403);
  const turn = await takeTurn('callback', request.headers);
  if (turn.kind === 'too_many') return redirectToWait(turn);
  const jar = await requestCookies();
  const current = await readSession(jar);
  const outcome = await finishSignIn(jar, request.nextUrl.search.slice(1), current);
  return respond(request, { jar, outcome, current });
}

/** A link checker's HEAD must not use up the code. */
export function HEAD(): Response {
  return answerNothing(204);
}

type Arrival = { jar: CookieJar; outcome: SignInOutcome; current: Session | null };

async function respond(request: NextRequest, { jar, outcome, current }: Arrival): Promise<Response> {
  switch (outcome.kind) {
    case 'signed_in':
      return enter(jar, { ...outcome, browser: nameBrowser(request) }, current);
    case 'already_finished':
      return redirectTo(outcome.returnTo);
    case 'problem': {
      const { error, attempt } = outcome;
      if (attempt !== null) removeAttempt(jar, attempt.id);
      return redirectToProblem('sign_in_refused', error, attempt === null ? {} : wantedBy(attempt));
    }
  }
}

async function enter(jar: CookieJar, signedIn: SignedIn, current: Session | null): Promise<Response> {
  const { attempt } = signedIn;
  try {
    await enterSession(jar, signedIn, current);
    const pendingId = attempt.stepUp?.pendingId ?? null;
    if (pendingId !== null) await performPending(jar, signedIn.session, pendingId);
    return redirectTo(attempt.returnTo);
  } catch (error) {
    const known = findAppError(error) ?? new AppError('unexpected', { cause: error });
    return redirectToProblem('sign_in_refused', known, wantedBy(attempt));
  }
}

/** What the browser calls itself: for the person's own list of sessions, and nothing depends on it. */
function nameBrowser({ headers }: NextRequest): string | null {
  const { browser, os } = userAgent({ headers });
  return readPlainText([browser.name, os.name].filter(Boolean).join(' on '), 60);
}

function wantedBy({ returnTo, permission }: Attempt): Wanted {
  return { returnTo, permission: permission ?? undefined };
}
