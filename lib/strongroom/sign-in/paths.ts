/**
 * Addresses around signing in: the adopter's pages as declared, and the routes below `/auth`. They are paths of the
 * application, without the base path; only what pages put into a plain link has it.
 */
import 'server-only';
import { withBasePath, withoutBasePath } from '../base/base-path';
import type { ErrorCode } from '../base/errors';
import { parseReturnTo } from '../base/return-to';
import type { Api } from '../config/apis';
import { type Parameters, readLinkParameters } from '../config/authorization-parameters';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import type { SignInReason } from '../session/loaded-session';

/**
 * The page of this site to come back to that `value` names, or the declared one. A link from outside may name it
 * with the base path, below which no page repeats it (config/config-problems.ts).
 */
export function readReturnTo(value: unknown): string {
  const path = typeof value === 'string' ? (withoutBasePath(value) ?? value) : value;
  return parseReturnTo(path, getDeclaration().paths);
}

/** Whether the page guard sends users without a session from there to the sign-in page. */
export function isProtectedPath(pathname: string): boolean {
  return getDeclaration().protectedPaths.some((path) => pathname === path || pathname.startsWith(`${path}/`));
}

/** The page that asks to sign in, and comes back to `returnTo`. */
export function signInPath({ returnTo, reason, parameters }: Ask): string {
  const { signIn, afterSignIn } = getDeclaration().paths;
  const return_to = returnTo === afterSignIn ? undefined : returnTo;
  return buildPath(signIn, { ...parameters, return_to, reason });
}

type Ask = { returnTo: string; reason?: SignInReason | undefined; parameters?: Parameters | undefined };

type Start = {
  /** The page to come back to, with its query. */
  returnTo: string;
  /** One permission to ask for on top of what was granted. */
  permission?: string | undefined;
  /** A sealed step-up (session/step-up.ts). */
  stepUp?: string | undefined;
  /** What the link of the user added to the request, as `readSignInQuery` and `readProblem` found it. */
  parameters?: Parameters | undefined;
  /** The user chooses the account at the authorization server, or creates one where that is offered. */
  account?: 'another' | 'new' | undefined;
};

/**
 * The address that starts signing in, for plain links (`<a>`) on pages of this site: a link that Next
 * prefetches starts nothing.
 * @example
 * <a href={startSignInPath({ returnTo: '/invoices', permission: 'write:invoices' })}>Grant</a>
 */
export function startSignInPath({ returnTo, permission, stepUp, parameters, account }: Start): string {
  const own = { return_to: returnTo, permission, step_up: stepUp, account };
  return withBasePath(buildPath('/auth/sign-in', { ...own, ...parameters }));
}

/**
 * What a link that asks to sign in adds to the request: parameters of the operator's list, and the hint of a
 * sign-in that starts at our authorization server, which is told apart by its `iss`.
 * @see OIDC Core §4
 */
export function readAddedParameters(read: (name: string) => string | null): Parameters {
  const { issuer, linkParameters } = getConfig();
  if (read('iss') !== issuer) return readLinkParameters(linkParameters, read);
  return { iss: issuer, ...readLinkParameters([...linkParameters, 'login_hint'], read) };
}

/** The page that `return_to` names, or the `target_link_uri` of a sign-in that starts at our server. */
export function readWantedPage(read: (name: string) => string | null): string {
  const { issuer, appOrigin } = getConfig();
  const target = read('iss') === issuer ? URL.parse(read('target_link_uri') ?? '') : null;
  if (target?.origin !== appOrigin) return readReturnTo(read('return_to'));
  return readReturnTo(target.pathname + target.search + target.hash);
}

type Refresh = {
  /** The first one is not named. */
  api?: Pick<Api, 'name' | 'tokenName'>;
  /** Fingerprint of the access token that the API rejected; left out: there is none yet. */
  rejected?: string;
};

/** The route that replaces an access token, or gets one for an API that is used for the first time, and comes back. */
export function refreshPath(returnTo: string, { api, rejected }: Refresh): string {
  const name = api === undefined || api.tokenName === null ? undefined : api.name;
  return buildPath('/auth/refresh', { return_to: returnTo, api: name, rejected });
}

type Problem = {
  code: ErrorCode;
  reference: string;
  /** Seconds until another try makes sense, when that is known. */
  waitSec?: number | null;
};
/** What the user wanted when signing in failed, so that trying again asks for the same. */
export type Wanted = Partial<Pick<Start, 'returnTo' | 'permission' | 'stepUp' | 'parameters'>> & {
  /** Sealed: the account that signed in in place of the one that was asked for. */
  otherAccount?: string | undefined;
};

/** The page that says what went wrong. Holds nothing but our own code, a reference and what was wanted. */
export function problemPath(problem: Problem, wanted: Wanted = {}): string {
  const { code, reference, waitSec } = problem;
  const { parameters, returnTo, permission, stepUp, otherAccount } = wanted;
  const wait = waitSec == null ? undefined : String(waitSec);
  const asked = { return_to: returnTo, permission, step_up: stepUp, other_account: otherAccount };
  const query = { ...parameters, code, ref: reference, wait, ...asked };
  return buildPath(getDeclaration().paths.problem, query);
}

function buildPath(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
