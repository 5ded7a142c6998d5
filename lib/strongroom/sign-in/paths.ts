/** Addresses of our own pages around signing in. Pure. */
import type { ErrorCode } from '../base/errors';
import { defaultReturnTo } from '../base/return-to';
import type { SignInReason } from '../session/loaded-session';

type SignIn = {
  returnTo: string;
  /** Why the user is asked to sign in again; undefined when there was no session. */
  reason?: SignInReason | undefined;
};

/** The page that asks to sign in, and comes back to `returnTo`. */
export function signInPath({ returnTo, reason }: SignIn): string {
  return buildPath('/sign-in', { return_to: returnTo === defaultReturnTo ? undefined : returnTo, reason });
}

type Start = {
  returnTo: string;
  /** Asks for one more. */
  permission?: string | undefined;
  /** A sealed stepUp for a better sign-in (lib/strongroom/session/step-up.ts). */
  stepUp?: string | undefined;
};

/** The route that starts: for plain links on our own pages only. */
export function startSignInPath({ returnTo, permission, stepUp }: Start): string {
  return buildPath('/auth/sign-in', { return_to: returnTo, permission, step_up: stepUp });
}

/** The route that fetches a new token after the API rejected the one that `rejected` marks, and comes back. */
export function refreshPath(returnTo: string, rejected: string): string {
  return buildPath('/auth/refresh', { return_to: returnTo, rejected });
}

type Problem = {
  code: ErrorCode;
  reference: string;
  /** Seconds until another try makes sense, when that is known. */
  waitSec?: number | null;
};
/** What somebody was after when it went wrong, so that trying again is the same try. */
export type Wanted = { returnTo?: string | undefined; permission?: string | undefined };

/** The page that says what went wrong. Holds nothing but our own code, a reference and what was wanted. */
export function problemPath(problem: Problem, { returnTo, permission }: Wanted = {}): string {
  const { code, reference, waitSec } = problem;
  const wait = waitSec == null ? undefined : String(waitSec);
  return buildPath('/sign-in/problem', { code, ref: reference, wait, return_to: returnTo, permission });
}

function buildPath(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
