/**
 * What the core tells the adopter’s pages around signing in by their query, checked: an address is not
 * trusted.
 */
import 'server-only';
import { type ErrorCode, isErrorCode } from '../base/errors';
import { readReference } from '../base/reference';
import { readWaitSec } from '../base/retry-after';
import { type Parameters, readLinkParameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { type Account, openAnsweredAccount } from '../session/answered-account';
import { readSignInReason, type SignInReason } from '../session/loaded-session';
import { pseudonymOf } from '../session/user-pseudonym';
import { readReturnTo } from '../sign-in/paths';
import { findSession } from './page-session';

type Query = Readonly<Record<string, string | string[] | undefined>>;

export type SignInQuery = {
  returnTo: string;
  /** Why the session was rejected; undefined when there was none. */
  reason: SignInReason | undefined;
  /** What the link adds to the request: `startSignInPath` passes it on. */
  parameters: Parameters;
};

/**
 * For the page that asks to sign in.
 * @example
 * const { returnTo, reason, parameters } = readSignInQuery(await searchParams);
 * return <a href={startSignInPath({ returnTo, parameters })}>Sign in</a>;
 */
export function readSignInQuery(query: Query): SignInQuery {
  return {
    returnTo: readReturnTo(readSingle(query, 'return_to')),
    reason: readSignInReason(readSingle(query, 'reason')),
    parameters: readParameters(query),
  };
}

export type Problem = {
  /** Unknown codes read as the general one. */
  code: ErrorCode;
  /** The short number that a user reads out and an operator finds in the log. */
  reference: string | null;
  /** Seconds until another try makes sense, when that is known. */
  waitSec: number | null;
  returnTo: string;
  /** Whether it is known which page the user wanted. */
  isPageKept: boolean;
  /** The one permission that was asked for on top, if that is what went wrong. */
  permission: string | undefined;
  /** For `another_account`: the one that answered. The one that was asked for is that of the session. */
  answeredAs: Account | null;
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
    reference: readReference(readSingle(query, 'ref')),
    waitSec: readWaitSec(readSingle(query, 'wait')),
    returnTo: readReturnTo(returnTo),
    isPageKept: returnTo !== null,
    permission: getConfig().scopes.find((scope) => scope === permission),
    answeredAs: await readAnsweredAs(query),
    parameters: readParameters(query),
  };
}

async function readAnsweredAs(query: Query): Promise<Account | null> {
  const session = await findSession();
  if (session === null) return null;
  return openAnsweredAccount(readSingle(query, 'answered'), pseudonymOf(session.user));
}

function readParameters(query: Query): Parameters {
  return readLinkParameters(getConfig().linkParameters, (name) => readSingle(query, name));
}

/** A parameter that is there once; repeated ones count as absent. */
function readSingle(query: Query, name: string): string | null {
  const value = query[name];
  return typeof value === 'string' ? value : null;
}
