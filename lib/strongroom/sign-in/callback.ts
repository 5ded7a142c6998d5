/**
 * Steps 3 to 5 of the grant: judges what came back, exchanges the code, verifies who it is. One code is exchanged once, however often the
 * browser delivers it. @see RFC 6749 §4.1.2 to §4.1.4
 */
import 'server-only';
import { nowSec } from '../base/clock';
import { AppError, type ErrorCode, findAppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { validateAuthorizationResponse, validateQueryShape } from '../oauth/authorization-response';
import { getMetadata } from '../oauth/metadata';
import { exchangeCode } from '../oauth/next-auth';
import { findUnmetRequirement } from '../session/authentication-requirement';
import type { CookieJar } from '../session/cookie-jar';
import type { Session } from '../session/session';
import {
  isTransactionExpired,
  readTransaction,
  type SignInTransaction,
} from '../session/sign-in-transaction';
import { SingleFlight } from '../store/single-flight';
import {
  sendForNextAuth,
  toTokenResponse,
  type VerifiedTokenResult,
  validateExchange,
} from './authorization-server-responses';
import { consumedReturnTo, consumeTransaction, rememberConsumed } from './consumed-transactions';
import { createSession } from './new-session';

export type CallbackResult =
  | { kind: 'signed_in'; session: Session; transaction: SignInTransaction }
  /** The same callback again, in a browser that it already signed in. */
  | { kind: 'already_consumed'; returnTo: string }
  | { kind: 'problem'; error: AppError; transaction: SignInTransaction | null };

/** Never throws: whatever goes wrong is a problem with a code. `current` is the session this browser has, which no failure touches. */
export async function handleCallback(
  jar: CookieJar,
  query: string,
  current: Session | null,
): Promise<CallbackResult> {
  const parameters = new URLSearchParams(query);
  const state = parameters.get('state');
  const transaction = await readTransaction(jar, state);
  try {
    const shape = validateQueryShape(query);
    if (shape !== null) return problem('invalid_response', shape.reason, transaction);
    if (transaction === null) return await explainUnknownState(state, current);
    if (isTransactionExpired(transaction))
      return problem('transaction_expired', 'transaction_expired', transaction);
    return await completeTransaction(transaction, parameters, current);
  } catch (error) {
    return {
      kind: 'problem',
      error: findAppError(error) ?? new AppError('internal_error', { cause: error }),
      transaction,
    };
  }
}

/** A `state` that names no transaction of this browser: nothing in the query is believed, an `error` neither. */
async function explainUnknownState(state: string | null, current: Session | null): Promise<CallbackResult> {
  if (state === null) return problem('transaction_expired', 'state_missing', null);
  return (await findConsumed(state, current)) ?? problem('transaction_expired', 'state_unknown', null);
}

async function findConsumed(transactionId: string, current: Session | null): Promise<CallbackResult | null> {
  const returnTo = current === null ? null : await consumedReturnTo(transactionId, current);
  return returnTo === null ? null : { kind: 'already_consumed', returnTo };
}

async function completeTransaction(
  transaction: SignInTransaction,
  parameters: URLSearchParams,
  current: Session | null,
): Promise<CallbackResult> {
  const { issuer } = getConfig();
  const { authorization_response_iss_parameter_supported: isIssuerRequired = false } = await getMetadata();
  const response = validateAuthorizationResponse(parameters, { issuer, isIssuerRequired });
  if (response.kind !== 'code') return problem(response.code, response.reason, transaction);
  const delivery = { code: response.code, iss: parameters.get('iss') };
  const session = await exchangeFlights().share(transaction.id, () => exchangeOnce(transaction, delivery));
  if (session !== null) return { kind: 'signed_in', session, transaction };
  return (
    (await findConsumed(transaction.id, current)) ??
    problem('transaction_consumed', 'transaction_consumed', transaction)
  );
}

type Delivery = { code: string; iss: string | null };

/** @returns the session, or null when this transaction's code was exchanged before */
async function exchangeOnce(
  transaction: SignInTransaction,
  { code, iss }: Delivery,
): Promise<Session | null> {
  if (!(await consumeTransaction(transaction.id))) return null;
  const askedAtSec = nowSec();
  let verified: VerifiedTokenResult | null = null;
  const judge = async (response: Response) => {
    verified = await validateExchange(response, transaction.nonce, askedAtSec);
    return toTokenResponse(verified);
  };
  const { id: state, codeVerifier, nonce } = transaction;
  await exchangeCode({ state, code, iss, checks: { codeVerifier, nonce }, judge }, sendForNextAuth);
  if (verified === null) throw new AppError('invalid_response', { reason: 'no_token_response' });
  const session = await createSession(verified, transaction.scopes);
  validateAuthentication(transaction, session);
  await rememberConsumed(transaction, session);
  return session;
}

/** The person was asked to prove again who they are: an answer that does not say so is not what was asked for. @see RFC 9470 §5 */
function validateAuthentication({ stepUp }: SignInTransaction, session: Session): void {
  const reason = stepUp === null ? null : findUnmetRequirement(stepUp.requirement, session, nowSec());
  if (reason !== null) throw new AppError('unmet_authentication_requirements', { reason });
}

function exchangeFlights(): SingleFlight<Session | null> {
  return processSingleton('exchange-flights', () => new SingleFlight<Session | null>());
}

function problem(code: ErrorCode, reason: string, transaction: SignInTransaction | null): CallbackResult {
  return { kind: 'problem', error: new AppError(code, { reason }), transaction };
}
