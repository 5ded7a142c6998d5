/**
 * Steps 3 to 5 of the grant: judges what came back, exchanges the code, verifies who it is. One code is exchanged once, however often the
 * browser delivers it. @see RFC 6749 §4.1.2 to §4.1.4
 */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { AppError, type ErrorCode, findAppError } from '@/lib/base/errors';
import { keepInProcess } from '@/lib/base/process-memory';
import { getConfig } from '@/lib/config/config';
import { judgeAuthorizationResponse, judgeQueryShape } from '@/lib/oauth/authorization-response';
import { getMetadata } from '@/lib/oauth/metadata';
import { type Attempt, isExpiredAttempt, readAttempt } from '@/lib/session/attempt';
import type { CookieJar } from '@/lib/session/seal';
import type { Session } from '@/lib/session/session';
import { findShortfall } from '@/lib/session/sign-in-requirement';
import { SingleFlight } from '@/lib/store/single-flight';
import {
  judgeExchange,
  sendForNextAuth,
  toTokenResponse,
  type VerifiedAnswer,
} from './authorization-server-answers';
import { claimAttempt, finishedReturnTo, rememberFinished } from './finished-attempts';
import { createSession } from './new-session';
import { exchangeCode } from './next-auth';

export type SignInOutcome =
  | { kind: 'signed_in'; session: Session; attempt: Attempt }
  /** The same callback again, in a browser that it already signed in. */
  | { kind: 'already_finished'; returnTo: string }
  | { kind: 'problem'; error: AppError; attempt: Attempt | null };

/** Never throws: whatever goes wrong is a problem with a code. `current` is the session this browser has, which no failure touches. */
export async function finishSignIn(
  jar: CookieJar,
  query: string,
  current: Session | null,
): Promise<SignInOutcome> {
  const parameters = new URLSearchParams(query);
  const state = parameters.get('state');
  const attempt = await readAttempt(jar, state);
  try {
    const shape = judgeQueryShape(query);
    if (shape !== null) return problem('answer_not_believed', shape.reason, attempt);
    if (attempt === null) return await answerUnknown(state, current);
    if (isExpiredAttempt(attempt)) return problem('sign_in_expired', 'attempt_expired', attempt);
    return await answerAttempt(attempt, parameters, current);
  } catch (error) {
    return {
      kind: 'problem',
      error: findAppError(error) ?? new AppError('unexpected', { cause: error }),
      attempt,
    };
  }
}

/** A `state` that names no attempt of this browser: nothing in the query is believed, an `error` neither. */
async function answerUnknown(state: string | null, current: Session | null): Promise<SignInOutcome> {
  if (state === null) return problem('sign_in_expired', 'state_missing', null);
  return (await findFinished(state, current)) ?? problem('sign_in_expired', 'state_unknown', null);
}

async function findFinished(attemptId: string, current: Session | null): Promise<SignInOutcome | null> {
  const returnTo = current === null ? null : await finishedReturnTo(attemptId, current);
  return returnTo === null ? null : { kind: 'already_finished', returnTo };
}

async function answerAttempt(
  attempt: Attempt,
  parameters: URLSearchParams,
  current: Session | null,
): Promise<SignInOutcome> {
  const { issuer } = getConfig();
  const { authorization_response_iss_parameter_supported: isIssuerRequired = false } = await getMetadata();
  const response = judgeAuthorizationResponse(parameters, { issuer, isIssuerRequired });
  if (response.kind !== 'code') return problem(response.code, response.reason, attempt);
  const delivery = { code: response.code, iss: parameters.get('iss') };
  const session = await exchangeFlights().share(attempt.id, () => exchangeOnce(attempt, delivery));
  if (session !== null) return { kind: 'signed_in', session, attempt };
  return (await findFinished(attempt.id, current)) ?? problem('sign_in_expired', 'attempt_used', attempt);
}

type Delivery = { code: string; iss: string | null };

/** @returns the session, or null when this attempt's code was exchanged before */
async function exchangeOnce(attempt: Attempt, { code, iss }: Delivery): Promise<Session | null> {
  if (!(await claimAttempt(attempt.id))) return null;
  const askedAtSec = nowSec();
  let verified: VerifiedAnswer | null = null;
  const judge = async (response: Response) => {
    verified = await judgeExchange(response, attempt.nonce, askedAtSec);
    return toTokenResponse(verified);
  };
  const { id: state, codeVerifier, nonce } = attempt;
  await exchangeCode({ state, code, iss, checks: { codeVerifier, nonce }, judge }, sendForNextAuth);
  if (verified === null) throw new AppError('answer_not_believed', { reason: 'no_token_response' });
  const session = await createSession(verified, attempt.scopes);
  judgeAuthentication(attempt, session);
  await rememberFinished(attempt, session);
  return session;
}

/** The person was asked to prove again who they are: an answer that does not say so is not what was asked for. @see RFC 9470 §5 */
function judgeAuthentication({ stepUp }: Attempt, session: Session): void {
  const reason = stepUp === null ? null : findShortfall(stepUp.requirement, session, nowSec());
  if (reason !== null) throw new AppError('unmet_authentication_requirements', { reason });
}

function exchangeFlights(): SingleFlight<Session | null> {
  return keepInProcess('exchange-flights', () => new SingleFlight<Session | null>());
}

function problem(code: ErrorCode, reason: string, attempt: Attempt | null): SignInOutcome {
  return { kind: 'problem', error: new AppError(code, { reason }), attempt };
}
