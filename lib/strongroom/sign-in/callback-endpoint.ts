/**
 * `GET /auth/callback/provider`, where the authorization server sends the browser back to. Every outcome
 * leads away from this address at once, so that the code stays in no history.
 */
import 'server-only';
import { after, type NextRequest, userAgent } from 'next/server';
import { AppError } from '../base/errors';
import { classifyNavigation } from '../base/fetch-metadata';
import { readPlainText } from '../base/guards';
import { getConfig } from '../config/config';
import { offerRegistration } from '../device/registration';
import { revokeRefreshToken } from '../oauth/token-revocation';
import { checkRateLimit } from '../server/rate-limit';
import type { CookieJar } from '../session/cookie-jar';
import { inspectSession } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import { sealOtherAccount } from '../session/other-account';
import type { Session } from '../session/session';
import { removeTransaction, type SignInTransaction } from '../session/sign-in-transaction';
import { sealStepUp } from '../session/step-up';
import { type CallbackResult, handleCallback } from './callback';
import type { Wanted } from './paths';
import {
  emptyResponse,
  redirectTo,
  redirectToProblem,
  redirectToRateLimited,
  rejectPrefetch,
  rejectSubresource,
} from './respond';
import { startSignIn } from './start-sign-in';

/** Runs the pending action that the sign-in was for, with the new session. */
export type RunAfterSignIn = (jar: CookieJar, session: Session, pendingId: string) => Promise<void>;

export function callbackEndpoint(runPending: RunAfterSignIn) {
  return {
    async GET(request: NextRequest): Promise<Response> {
      const navigation = classifyNavigation(request.headers, getConfig().appOrigin);
      if (navigation === 'prefetch') return rejectPrefetch();
      if (navigation === 'subresource') return rejectSubresource();
      const rateLimit = await checkRateLimit('callback', request.headers);
      if (rateLimit.kind === 'rate_limited') return redirectToRateLimited(rateLimit);
      const jar = await requestCookies();
      const loaded = await inspectSession(jar);
      const current = loaded.kind === 'active' ? loaded.session : null;
      const query = request.nextUrl.search.slice(1);
      const result = await handleCallback(jar, { query, browser: nameBrowser(request) }, current);
      switch (result.kind) {
        case 'signed_in':
          return finish(jar, result, runPending);
        case 'start_again':
          return startAgain(jar, result.transaction, current);
        case 'another_account':
          return askWhich(jar, result);
        default:
          return leave(jar, result);
      }
    },
    HEAD: respondToHead,
  };
}

/** The HEAD of a link checker must not use up the code. */
function respondToHead(): Response {
  return emptyResponse(204);
}

type NotSignedIn = Extract<CallbackResult, { kind: 'already_consumed' | 'problem' }>;

async function leave(jar: CookieJar, result: NotSignedIn): Promise<Response> {
  if (result.kind === 'already_consumed') return redirectTo(result.returnTo);
  const { error, transaction } = result;
  if (transaction !== null) removeTransaction(jar, transaction.id);
  const wanted = transaction === null ? {} : await wantedBy(transaction);
  return redirectToProblem('sign_in_rejected', error, wanted);
}

type AnotherAccount = Extract<CallbackResult, { kind: 'another_account' }>;

/**
 * The session that was there goes on, and the tokens that came are used for nothing: the page names both
 * accounts, and going on as the other one is a sign-in of its own.
 */
async function askWhich(jar: CookieJar, { owner, session, transaction }: AnotherAccount): Promise<Response> {
  removeTransaction(jar, transaction.id);
  const { refreshToken } = session.tokens;
  if (refreshToken !== null) after(() => revokeRefreshToken(refreshToken));
  const otherAccount = await sealOtherAccount(owner, session.user);
  const wanted = { ...(await wantedBy(transaction)), otherAccount };
  return redirectToProblem('sign_in_rejected', new AppError('another_account'), wanted);
}

/** The same request once more, without a page in between. */
async function startAgain(
  jar: CookieJar,
  transaction: SignInTransaction,
  session: Session | null,
): Promise<Response> {
  removeTransaction(jar, transaction.id);
  try {
    return redirectTo(await startSignIn(jar, { ...transaction, session }));
  } catch (error) {
    return redirectToProblem('sign_in_not_started', AppError.from(error), await wantedBy(transaction));
  }
}

type SignedIn = Extract<CallbackResult, { kind: 'signed_in' }>;

async function finish(
  jar: CookieJar,
  { session, transaction }: SignedIn,
  runPending: RunAfterSignIn,
): Promise<Response> {
  const response = await runAndLeave(jar, { session, transaction }, runPending);
  offerRegistration(response, session);
  return response;
}

async function runAndLeave(
  jar: CookieJar,
  { session, transaction }: Pick<SignedIn, 'session' | 'transaction'>,
  runPending: RunAfterSignIn,
): Promise<Response> {
  try {
    const pendingId = transaction.stepUp?.pendingId ?? null;
    if (pendingId !== null) await runPending(jar, session, pendingId);
    return redirectTo(transaction.returnTo);
  } catch (error) {
    return redirectToProblem('sign_in_rejected', AppError.from(error), await wantedBy(transaction));
  }
}

/** What the browser calls itself, for the user's own list of sessions: nothing depends on it. */
function nameBrowser({ headers }: NextRequest): string | null {
  const { browser, os } = userAgent({ headers });
  return readPlainText([browser.name, os.name].filter(Boolean).join(' on '), 60);
}

async function wantedBy(transaction: SignInTransaction): Promise<Wanted> {
  const { returnTo, permission, parameters, owner, stepUp } = transaction;
  const isStepUp = stepUp !== null && owner !== null;
  return {
    returnTo,
    permission: permission ?? undefined,
    parameters,
    ...(isStepUp ? { stepUp: await sealStepUp({ owner, ...stepUp }) } : {}),
  };
}
