/**
 * Steps 3 to 5 of the grant: finds the transaction that `state` names, validates the authorization response,
 * exchanges the code, validates the token response, verifies the ID token, and establishes the session. One
 * code is exchanged once, however often the browser delivers it.
 * @see RFC 6749 §4.1.2 to §4.1.4, OIDC Core §3.1.3
 */
import 'server-only';
import { nowMs, nowSec } from '../base/clock';
import { AppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { findQueryFault, validateAuthorizationResponse } from '../oauth/authorization-response';
import { exchangeCode } from '../oauth/exchange-code';
import { verifyIdToken } from '../oauth/id-token';
import { getMetadata } from '../oauth/metadata';
import { leaveOutNext } from '../oauth/requested-targets';
import { expectedSigner } from '../oauth/signing-keys';
import { type RawTokenResponse, type TokenResult, validateTokenResponse } from '../oauth/token-response';
import type { IdentityClaims } from '../oauth/token-types';
import { identifyByUserinfo } from '../oauth/userinfo-identity';
import { findUnmetRequirement } from '../session/authentication-requirement';
import {
  consumeTransaction,
  forgetSoon,
  readConsumed,
  rememberConsumed,
} from '../session/consumed-transaction';
import type { CookieJar } from '../session/cookie-jar';
import { isRevokedOnItsWay, revokeSession } from '../session/revocations';
import { isSameUser, type Session } from '../session/session';
import {
  isTransactionExpired,
  readTransaction,
  type SignInTransaction,
} from '../session/sign-in-transaction';
import { pseudonymOf } from '../session/user-pseudonym';
import { SingleFlight } from '../store/single-flight';
import { createSession, establishSession } from './establish-session';

export type Callback = {
  query: string;
  /** What the browser calls itself, for the user's own list of sessions. */
  browser: string | null;
};

export type CallbackResult =
  | { kind: 'signed_in'; session: Session; transaction: SignInTransaction }
  /**
   * Another account signed in than the one whose session was to be added to: the pseudonym of that one is the
   * `owner`. Nothing was written.
   */
  | { kind: 'another_account'; owner: string; session: Session; transaction: SignInTransaction }
  /** The same callback again, in a browser that it already signed in. */
  | { kind: 'already_consumed'; returnTo: string }
  /** The server wants a new request, as this transaction says, and the user nothing but to go on. */
  | { kind: 'start_again'; transaction: SignInTransaction }
  | { kind: 'problem'; error: AppError; transaction: SignInTransaction | null };

/** Never throws. @param current the session that this browser has: a failed sign-in does not touch it */
export async function handleCallback(
  jar: CookieJar,
  { query, browser }: Callback,
  current: Session | null,
): Promise<CallbackResult> {
  const parameters = new URLSearchParams(query);
  // `state` must name a transaction whose sealed cookie this browser has. @see RFC 6749 §10.12
  const state = parameters.get('state');
  const transaction = await readTransaction(jar, state);
  const problem = (error: AppError): CallbackResult => ({ kind: 'problem', error, transaction });
  try {
    const fault = findQueryFault(query);
    if (fault !== null) return problem(new AppError('invalid_response', { reason: fault }));
    if (transaction === null)
      return (await findConsumed(state, current)) ?? problem(unknownState(parameters));
    if (isTransactionExpired(transaction)) return problem(new AppError('transaction_expired'));
    const response = validateAuthorizationResponse(parameters, await expectedIssuer());
    if (response.kind === 'authentication_expired' && !transaction.isSecond)
      return { kind: 'start_again', transaction: { ...transaction, isSecond: true } };
    if (response.kind !== 'code')
      return withoutTarget(transaction, response.error) ?? problem(response.error);
    // A callback that the browser delivers twice at a time waits for one exchange.
    const exchange = () => exchangeOnce(response.code, transaction);
    const session = await exchangesInFlight().share(transaction.id, exchange);
    if (session === null)
      return (await findConsumed(state, current)) ?? problem(new AppError('transaction_consumed'));
    const owner = findReplacedOwner(transaction, session, current);
    if (owner !== null) return { kind: 'another_account', owner, session, transaction };
    const isRevoked = await isRevokedOnItsWay(session);
    await establishSession(jar, { session, transaction, browser }, current);
    if (!isRevoked) return { kind: 'signed_in', session, transaction };
    // The page says why, and nothing that waited for this sign-in runs.
    await revokeSession(session, 'back_channel_logout');
    return { kind: 'signed_in', session, transaction: { ...transaction, stepUp: null } };
  } catch (error) {
    return problem(AppError.from(error));
  }
}

/** An audience that the server does not know costs its API alone, where that is not the first one. */
function withoutTarget(transaction: SignInTransaction, { code }: AppError): CallbackResult | null {
  const { scopes, leftOut } = transaction;
  const next = code === 'invalid_target' ? leaveOutNext(scopes, leftOut) : null;
  return next === null ? null : { kind: 'start_again', transaction: { ...transaction, leftOut: [...next] } };
}

/**
 * Pseudonym of the user who asked for a permission or a step-up, when another account came back; null
 * otherwise, or when this browser has been signed in with that account meanwhile: the user has chosen it.
 */
function findReplacedOwner(
  { owner }: SignInTransaction,
  { user }: Session,
  current: Session | null,
): string | null {
  const isChosen = current !== null && isSameUser(current.user, user);
  return owner === pseudonymOf(user) || isChosen ? null : owner;
}

/** @returns the session, or null when this transaction's code was exchanged before */
async function exchangeOnce(code: string, transaction: SignInTransaction): Promise<Session | null> {
  if (!(await consumeTransaction(transaction))) return null;
  // The clock is read before the request: a slow response never makes a token look younger than it is.
  const requestedAtMs = nowMs();
  const response = await exchangeCode(code, transaction);
  const tokens = await readTokens(response, transaction);
  const claims = await verifyIdentity(tokens, transaction);
  const session = await createSession({ tokens, claims, requestedAtMs }, transaction);
  validateAuthentication(transaction, session);
  await rememberConsumed(transaction, session);
  return session;
}

async function readTokens(
  response: RawTokenResponse,
  { id, dpopKey }: SignInTransaction,
): Promise<TokenResult> {
  try {
    const { assumedLifetimeSec: assumedSec } = getConfig();
    return validateTokenResponse(response, { isBound: dpopKey !== null, assumedSec });
  } catch (error) {
    if (AppError.from(error).code === 'invalid_grant') await forgetSoon(id);
    throw error;
  }
}

/**
 * Without an ID token for this very request, the tokens belong to an unknown user, unless the server has none
 * and says at its userinfo endpoint whose access token it is.
 * @see OIDC Core §3.1.3.7
 */
async function verifyIdentity(
  { idToken, accessToken }: TokenResult,
  { nonce, dpopKey }: SignInTransaction,
): Promise<IdentityClaims> {
  const { userClaims } = getConfig();
  if (userClaims !== null) return identifyByUserinfo({ accessToken, dpopKey }, userClaims);
  if (idToken === null) throw new AppError('invalid_response', { reason: 'id_token_missing' });
  return verifyIdToken(idToken, { ...(await expectedSigner({ isPatient: true })), accessToken, nonce });
}

/** After a step-up the sign-in must be as recent and as strong as the API asked. @see RFC 9470 §5 */
function validateAuthentication({ stepUp }: SignInTransaction, session: Session): void {
  const reason = stepUp === null ? null : findUnmetRequirement(stepUp.requirement, session, nowSec());
  if (reason !== null) throw new AppError('unmet_authentication_requirements', { reason });
}

/** The issuer that `iss` must name, and whether it must be there. @see RFC 9207 §2.4 */
async function expectedIssuer(): Promise<{ issuer: string; isIssuerRequired: boolean }> {
  const { authorization_response_iss_parameter_supported: isIssuerRequired = false } = await getMetadata();
  return { issuer: getConfig().issuer, isIssuerRequired };
}

/**
 * Nothing else in a query without a transaction is used, not even its `error`. The log says when the server
 * packs its responses into a JWT, `state` too. @see JARM §2.3.1
 */
function unknownState(parameters: URLSearchParams): AppError {
  if (parameters.has('state')) return new AppError('transaction_expired', { reason: 'state_unknown' });
  const reason = parameters.has('response') ? 'response_mode_jwt' : 'state_missing';
  return new AppError('transaction_expired', { reason });
}

/**
 * Reload or Back on the callback leads on to the page, when it is this very session that the transaction
 * started.
 */
async function findConsumed(state: string | null, current: Session | null): Promise<CallbackResult | null> {
  if (state === null || current === null) return null;
  const consumed = await readConsumed(state);
  if (consumed?.sessionId !== current.id) return null;
  return { kind: 'already_consumed', returnTo: consumed.returnTo };
}

function exchangesInFlight(): SingleFlight<Session | null> {
  return processSingleton('exchange-flights', () => new SingleFlight<Session | null>());
}
