/**
 * The address that starts a sign-in as an API requires it. The requirement is sealed, so no other site can
 * write one.
 * @see RFC 9470 §4
 */
import 'server-only';
import { withBasePath } from '../base/base-path';
import type { AuthenticationRequirement } from '../session/authentication-requirement';
import { sealStepUp } from '../session/step-up';
import { pseudonymOf } from '../session/user-pseudonym';
import { signInPath, startSignInPath } from '../sign-in/paths';
import { findSession } from './page-session';

type StepUpLink = {
  /** The page to come back to. */
  returnTo: string;
  requirement: AuthenticationRequirement;
  /** The pending action that waits for it. */
  pendingId?: string;
};

/**
 * The address of a plain link (`<a>`) that asks for a fresher or stronger sign-in, and comes back.
 * @example
 * if (result.kind === 'insufficient_user_authentication')
 *   return <a href={await stepUpPath({ returnTo: here, requirement: result.requirement })}>Sign in again</a>;
 */
export async function stepUpPath({ returnTo, requirement, pendingId }: StepUpLink): Promise<string> {
  const session = await findSession();
  if (session === null) return withBasePath(signInPath({ returnTo }));
  const owner = pseudonymOf(session.user);
  const stepUp = await sealStepUp({ owner, requirement, pendingId: pendingId ?? null });
  return startSignInPath({ returnTo, stepUp });
}
