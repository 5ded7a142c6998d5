/**
 * What the core tells the adopter’s pages around signing in by their query, checked: an address is not
 * trusted.
 */
import 'server-only';
import { type ErrorCode, isErrorCode } from '../base/errors';
import { hintOf } from '../base/operator-hints';
import { isRandomId } from '../base/random-id';
import { readReference } from '../base/reference';
import { readWaitSec } from '../base/retry-after';
import { ownParameters, type Parameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { readSignInReason, type SignInReason } from '../session/loaded-session';
import { type Account, openOtherAccount } from '../session/other-account';
import { pseudonymOf } from '../session/user-pseudonym';
import { readAddedParameters, readReturnTo } from '../sign-in/paths';
import { findSession } from './page-session';

type Query = Readonly<Record<string, string | string[] | undefined>>;

export type SignInQuery = {
  returnTo: string;
  /** Why the session was rejected; undefined when there was none. */
  reason: SignInReason | undefined;
  /**
   * What the link adds to the request and, with `isConfirmation`, all that the user asked for:
   * `startSignInPath` passes it on.
   */
  parameters: Parameters;
  /**
   * The browser does not say where a click comes from, so the user follows the link of the page once more.
   */
  isConfirmation: boolean;
  /** Whether a user who is signed in has nothing to do here, and may go on to the page. */
  leadsOn: boolean;
};

/**
 * For the page that asks to sign in.
 * @example
 * const { returnTo, reason, parameters } = readSignInQuery(await searchParams);
 * return <a href={startSignInPath({ returnTo, parameters })}>Sign in</a>;
 */
export function readSignInQuery(query: Query): SignInQuery {
  const confirm = readSingle(query, 'confirm');
  const isConfirmation = isRandomId(confirm);
  // What the user wanted when they were asked to confirm it; the route that starts checks each by itself.
  const names = isConfirmation ? ['confirm', ...ownParameters] : [];
  const carried = names.flatMap((name) => {
    const value = readSingle(query, name);
    return value === null ? [] : [[name, value] as const];
  });
  const parameters = { ...readParameters(query), ...Object.fromEntries(carried) };
  const reason = readSignInReason(readSingle(query, 'reason'));
  return {
    returnTo: readReturnTo(readSingle(query, 'return_to')),
    reason,
    parameters,
    isConfirmation,
    // A reason says that the session was rejected just now: leading on would go in circles.
    leadsOn: reason === undefined && Object.keys(parameters).length === 0,
  };
}

export type Problem = {
  /** Unknown codes read as the general one. */
  code: ErrorCode;
  /** The short number that a user reads out and an operator finds in the log. */
  reference: string | null;
  /** The variable that the operator has to change, when the code alone says which. */
  variable: string | null;
  /** Seconds until another try makes sense, when that is known. */
  waitSec: number | null;
  returnTo: string;
  /** Whether it is known which page the user wanted. */
  isPageKept: boolean;
  /** The one permission that was asked for on top, if that is what went wrong. */
  permission: string | undefined;
  /** Sealed: what a stronger sign-in was needed for, so that another try is for the same. */
  stepUp: string | undefined;
  /** For `another_account`: the one that signed in. The one that was asked for is that of the session. */
  otherAccount: Account | null;
  /** What the link added to the request. */
  parameters: Parameters;
};

/**
 * For the page that says why signing in failed.
 * @example
 * const { code, reference } = await readProblem(await searchParams);
 * return <p>{words[code]} Reference {reference}</p>;
 */
export async function readProblem(query: Query): Promise<Problem> {
  const code = readSingle(query, 'code');
  const returnTo = readSingle(query, 'return_to');
  const permission = readSingle(query, 'permission');
  return {
    code: isErrorCode(code) ? code : 'internal_error',
    variable: hintOf(code ?? '').variable ?? null,
    reference: readReference(readSingle(query, 'ref')),
    waitSec: readWaitSec(readSingle(query, 'wait')),
    returnTo: readReturnTo(returnTo),
    isPageKept: returnTo !== null,
    permission: getConfig().scopes.find((scope) => scope === permission),
    stepUp: readSingle(query, 'step_up') ?? undefined,
    otherAccount: await readOtherAccount(query),
    parameters: readParameters(query),
  };
}

async function readOtherAccount(query: Query): Promise<Account | null> {
  const session = await findSession();
  if (session === null) return null;
  return openOtherAccount(readSingle(query, 'other_account'), pseudonymOf(session.user));
}

function readParameters(query: Query): Parameters {
  return readAddedParameters((name) => readSingle(query, name));
}

/** A parameter that is there once; repeated ones count as absent. */
function readSingle(query: Query, name: string): string | null {
  const value = query[name];
  return typeof value === 'string' ? value : null;
}
