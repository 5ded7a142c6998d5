/** Addresses of our own pages around signing in. Pure. */
import type { ErrorCode } from '@/lib/base/errors';
import { defaultReturnTo } from '@/lib/base/return-to';

/** Why somebody is asked to sign in again. */
export type SignInReason = 'ended';

/** The page that asks to sign in, and comes back to `returnTo`. */
export function signInPath({ returnTo, reason }: { returnTo: string; reason?: SignInReason }): string {
  return buildPath('/sign-in', { return_to: returnTo === defaultReturnTo ? undefined : returnTo, reason });
}

/** The route that starts: for plain links on our own pages only. `permission` asks for one more. */
export function startPath({ returnTo, permission }: { returnTo: string; permission?: string }): string {
  return buildPath('/auth/sign-in', { return_to: returnTo, permission });
}

/** The route that fetches a new token after the API refused one, and comes back. */
export function refreshPath(returnTo: string): string {
  return buildPath('/auth/refresh', { return_to: returnTo });
}

/** The page that says what went wrong. Holds nothing but our own code, a reference and the wanted page. */
export function problemPath(problem: {
  code: ErrorCode;
  reference: string;
  returnTo?: string | undefined;
}): string {
  return buildPath('/sign-in/problem', {
    code: problem.code,
    ref: problem.reference,
    return_to: problem.returnTo,
  });
}

function buildPath(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
