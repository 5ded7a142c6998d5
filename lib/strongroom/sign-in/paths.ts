/** Addresses around signing in: the adopter's pages as declared, and the routes below `/auth`. */
import 'server-only';
import type { ErrorCode } from '../base/errors';
import { parseReturnTo } from '../base/return-to';
import { getDeclaration } from '../config/declaration';
import type { SignInReason } from '../session/loaded-session';

/** The page of this site to come back to that `value` names, or the declared one. */
export function readReturnTo(value: unknown): string {
  return parseReturnTo(value, getDeclaration().paths);
}

/** Whether the proxy sends users without a session from there to the sign-in page. */
export function isProtectedPath(pathname: string): boolean {
  return getDeclaration().protectedPaths.some((path) => pathname === path || pathname.startsWith(`${path}/`));
}

/** The page that asks to sign in, and comes back to `returnTo`. */
export function signInPath({
  returnTo,
  reason,
}: {
  returnTo: string;
  reason?: SignInReason | undefined;
}): string {
  const { signIn, afterSignIn } = getDeclaration().paths;
  return buildPath(signIn, { return_to: returnTo === afterSignIn ? undefined : returnTo, reason });
}

type Start = {
  /** The page to come back to, with its query. */
  returnTo: string;
  /** One permission to ask for on top of what was granted. */
  permission?: string | undefined;
  /** A sealed step-up (session/step-up.ts). */
  stepUp?: string | undefined;
};

/**
 * The address that starts signing in, for plain links (`<a>`) on pages of this site: a link that Next
 * prefetches starts nothing.
 * @example
 * <a href={startSignInPath({ returnTo: '/invoices', permission: 'write:invoices' })}>Grant</a>
 */
export function startSignInPath({ returnTo, permission, stepUp }: Start): string {
  return buildPath('/auth/sign-in', { return_to: returnTo, permission, step_up: stepUp });
}

/** The route that refreshes the access token with the fingerprint `rejected`, and comes back. */
export function refreshPath(returnTo: string, rejected: string): string {
  return buildPath('/auth/refresh', { return_to: returnTo, rejected });
}

type Problem = {
  code: ErrorCode;
  reference: string;
  /** Seconds until another try makes sense, when that is known. */
  waitSec?: number | null;
};
/** What the user wanted when signing in failed, so that trying again asks for the same. */
export type Wanted = {
  returnTo?: string | undefined;
  permission?: string | undefined;
  /** The sealed account that answered in place of the one that was asked for. */
  answered?: string | undefined;
};

/** The page that says what went wrong. Holds nothing but our own code, a reference and what was wanted. */
export function problemPath(problem: Problem, { returnTo, permission, answered }: Wanted = {}): string {
  const { code, reference, waitSec } = problem;
  const wait = waitSec == null ? undefined : String(waitSec);
  const query = { code, ref: reference, wait, return_to: returnTo, permission, answered };
  return buildPath(getDeclaration().paths.problem, query);
}

function buildPath(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
