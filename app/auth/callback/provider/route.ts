/** Where the authorization server sends the browser back to. Any outcome leaves this address at once: the code stays in no history. */
import { type NextRequest, userAgent } from 'next/server';
import { runPendingAction } from '@/app/dashboard/confirm/run-pending-action';
import { AppError } from '@/lib/strongroom/base/errors';
import { classifyNavigation } from '@/lib/strongroom/base/fetch-metadata';
import { readPlainText } from '@/lib/strongroom/base/guards';
import { getConfig } from '@/lib/strongroom/config/config';
import { checkRateLimit } from '@/lib/strongroom/server/rate-limit';
import { readSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import type { CookieJar } from '@/lib/strongroom/session/seal';
import { removeTransaction, type SignInTransaction } from '@/lib/strongroom/session/sign-in-transaction';
import { type CallbackResult, handleCallback } from '@/lib/strongroom/sign-in/callback';
import type { Wanted } from '@/lib/strongroom/sign-in/paths';
import {
  answerNothing,
  redirectTo,
  redirectToProblem,
  redirectToRateLimited,
  rejectSubresource,
} from '../../../../lib/strongroom/sign-in/respond';

export async function GET(request: NextRequest): Promise<Response> {
  const navigation = classifyNavigation(request.headers, getConfig().appOrigin);
  if (navigation === 'prefetch') return answerNothing(204);
  if (navigation === 'subresource') return rejectSubresource();
  const turn = await checkRateLimit('callback', request.headers);
  if (turn.kind === 'rate_limited') return redirectToRateLimited(turn);
  const jar = await requestCookies();
  const query = request.nextUrl.search.slice(1);
  const result = await handleCallback(jar, { query, browser: nameBrowser(request) }, await readSession(jar));
  return respond(jar, result);
}

/** A link checker's HEAD must not use up the code. */
export function HEAD(): Response {
  return answerNothing(204);
}

async function respond(jar: CookieJar, result: CallbackResult): Promise<Response> {
  switch (result.kind) {
    case 'signed_in':
      return enter(jar, result);
    case 'already_consumed':
      return redirectTo(result.returnTo);
    case 'problem': {
      const { error, transaction } = result;
      if (transaction !== null) removeTransaction(jar, transaction.id);
      return redirectToProblem('sign_in_rejected', error, transaction === null ? {} : wantedBy(transaction));
    }
  }
}

type SignedIn = Extract<CallbackResult, { kind: 'signed_in' }>;

async function enter(jar: CookieJar, { session, transaction }: SignedIn): Promise<Response> {
  try {
    const pendingId = transaction.stepUp?.pendingId ?? null;
    if (pendingId !== null) await runPendingAction(jar, session, pendingId);
    return redirectTo(transaction.returnTo);
  } catch (error) {
    return redirectToProblem('sign_in_rejected', AppError.from(error), wantedBy(transaction));
  }
}

/** What the browser calls itself: for the user's own list of sessions, and nothing depends on it. */
function nameBrowser({ headers }: NextRequest): string | null {
  const { browser, os } = userAgent({ headers });
  return readPlainText([browser.name, os.name].filter(Boolean).join(' on '), 60);
}

function wantedBy({ returnTo, permission }: SignInTransaction): Wanted {
  return { returnTo, permission: permission ?? undefined };
}
