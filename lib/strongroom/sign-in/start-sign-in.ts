/** Step 1 of the grant: sends the browser to the authorization server. @see RFC 6749 §4.1.1 */
import 'server-only';
import { nowSec } from '../base/clock';
import { AppError } from '../base/errors';
import { logEvent } from '../base/log';
import { newRandomId } from '../base/random-id';
import { mergeParameters, type Parameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { audienceParameters } from '../oauth/client-request';
import { bindCode, createDpopKey } from '../oauth/dpop';
import { needsDpop } from '../oauth/dpop-support';
import { buildAuthorizationRequest } from '../oauth/exchange-code';
import { addPermission, keepPermissions } from '../oauth/granted-scopes';
import { getMetadata } from '../oauth/metadata';
import type { ServerMetadata } from '../oauth/metadata-document';
import { pushWhereOffered } from '../oauth/pushed-authorization';
import { needsRequestObject, signWhereNeeded } from '../oauth/request-object';
import { type LeftOut, leaveOutNext, nameTargets } from '../oauth/requested-targets';
import { rejectUnmetRequirements } from '../oauth/server-requirements';
import type { CookieJar } from '../session/cookie-jar';
import { readIdTokenHint } from '../session/id-token-hint';
import type { Session } from '../session/session';
import { type SignInTransaction, writeTransaction } from '../session/sign-in-transaction';
import { pseudonymOf } from '../session/user-pseudonym';

export type SignInRequest = {
  /** Read by lib/strongroom/base/return-to.ts. */
  returnTo: string;
  /** One more permission to ask for, on top of what the session has; null for an ordinary sign-in. */
  permission: string | null;
  /** What the API asked for before it goes on, if it did. */
  stepUp: SignInTransaction['stepUp'];
  /** The session that this browser has, if any: starting a sign-in does not touch it. */
  session: Session | null;
  /** What the link adds to the request (config/authorization-parameters.ts). */
  parameters?: Parameters;
  /** The user wants to choose another account, or to create one. */
  account?: SignInTransaction['account'];
  /** The server asked for this request in place of one that took too long. */
  isSecond?: boolean;
  /** APIs whose audience the server rejected before. */
  leftOut?: LeftOut;
};

type ChosenRequest = Pick<SignInTransaction, 'scopes' | 'permission' | 'stepUp' | 'owner'> & {
  parameters: Record<string, string>;
};

/**
 * @returns the address of the authorization server for this browser; the transaction is in the jar
 * @throws AppError `temporarily_unavailable`, `configuration_invalid` or `invalid_response`
 */
export async function startSignIn(jar: CookieJar, wanted: SignInRequest): Promise<URL> {
  const id = newRandomId();
  const { issuer } = getConfig();
  const { parameters: ownParameters, ...chosen } = await chooseRequest(wanted);
  const server = await getMetadata();
  rejectUnmetRequirements(server);
  const { scopes, permission, stepUp } = chosen;
  const { returnTo, parameters = {}, account = null, isSecond = false } = wanted;
  const dpopKey = (await needsDpop(server)) ? await createDpopKey() : null;
  // It says where the link came from, and is nothing to tell the server.
  const { iss: _, ...added } = parameters;
  const request = {
    state: id,
    scopes,
    parameters: mergeParameters(
      getConfig().authorizationParameters,
      added,
      audienceParameters(),
      account === null ? {} : askForAccount(account, server),
      ownParameters,
      await bindCode(dpopKey),
    ),
  };
  const { url, checks } = await buildAuthorizationRequest(request, jar);
  const { target, leftOut } = await addressRequest({ url, scopes, server }, wanted.leftOut);
  const kept = { dpopKey, returnTo, parameters, account, isSecond, leftOut, startedAtSec: nowSec() };
  await writeTransaction(jar, { id, issuer, ...checks, ...chosen, ...kept });
  logEvent('sign_in_started', {
    isPushed: target.searchParams.has('request_uri'),
    isSigned: needsRequestObject(server),
    isBound: dpopKey !== null,
    isForMore: permission !== null,
    isStepUp: stepUp !== null,
  });
  return target;
}

type Addressed = { target: URL; leftOut: string[] };

/** Where it is pushed, the server says at once which audience it does not know. */
async function addressRequest(
  request: { url: URL; scopes: readonly string[]; server: ServerMetadata },
  leftOut: LeftOut = [],
): Promise<Addressed> {
  const { url, scopes, server } = request;
  try {
    const signed = await signWhereNeeded(nameTargets(url, scopes, leftOut), server);
    return { target: await pushWhereOffered(signed, server), leftOut: [...leftOut] };
  } catch (error) {
    const isAboutTarget = AppError.from(error).code === 'invalid_target';
    const next = isAboutTarget ? leaveOutNext(scopes, leftOut) : null;
    if (next === null) throw error;
    return addressRequest(request, next);
  }
}

/** Most servers that do not say what they know do know `login`, which asks for an account too. */
function askForAccount(account: 'another' | 'new', server: ServerMetadata): Parameters {
  const { accountPrompt, signUpParameters } = getConfig();
  if (account === 'new') return signUpParameters ?? {};
  const { prompt_values_supported: known = [] } = server;
  if (accountPrompt !== 'auto') return { prompt: accountPrompt };
  return { prompt: known.includes('select_account') ? 'select_account' : 'login' };
}

/** Only scopes of the configuration are requested, whatever the browser sent. */
async function chooseRequest(wanted: SignInRequest): Promise<ChosenRequest> {
  const { permission, stepUp, session } = wanted;
  const { scopes } = getConfig();
  const isForMore = permission !== null && scopes.includes(permission);
  if (session === null || (stepUp === null && !isForMore))
    return { scopes: [...scopes], permission: null, stepUp: null, owner: null, parameters: {} };
  const { user, tokens } = session;
  const owner = pseudonymOf(user);
  const hints = await chooseHints(session);
  if (stepUp !== null)
    return { ...chooseStepUpRequest(stepUp, keepPermissions(scopes, tokens.scopes), hints), owner };
  // With `consent` the server asks again, also for a permission that the user declined before.
  const parameters = { prompt: 'consent', ...hints };
  const more = addPermission(scopes, tokens.scopes, permission ?? '');
  return { scopes: more, permission, stepUp: null, owner, parameters };
}

/** They let the authorization server offer the same account. The callback compares, whatever it does. */
async function chooseHints(session: Session): Promise<Record<string, string>> {
  const { email } = session.user;
  const idTokenHint = await readIdTokenHint(session);
  return {
    ...(email === null ? {} : { login_hint: email }),
    ...(idTokenHint === null ? {} : { id_token_hint: idTokenHint }),
  };
}

/** Requests the granted scopes again and none on top. @see RFC 9470 §5 */
function chooseStepUpRequest(
  { requirement, pendingId }: NonNullable<SignInTransaction['stepUp']>,
  scopes: string[],
  hints: Record<string, string>,
): Omit<ChosenRequest, 'owner'> {
  const { maxAgeSec, acrValues } = requirement;
  const parameters = {
    ...(maxAgeSec === null ? {} : { max_age: String(maxAgeSec) }),
    ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
    ...hints,
  };
  return { scopes, permission: null, stepUp: { requirement, pendingId }, parameters };
}
