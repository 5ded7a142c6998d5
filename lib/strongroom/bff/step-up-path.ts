/** The way to sign in as an API wants it. The requirement travels sealed: only this application can write one. @see RFC 9470 §4 */
import 'server-only';
import type { AuthenticationRequirement } from '../session/authentication-requirement';
import { sealStepUp } from '../session/step-up';
import { pseudonymOf } from '../session/user-pseudonym';
import { signInPath, startSignInPath } from '../sign-in/paths';
import { findSession } from './page-session';

type Wish = {
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
export async function stepUpPath({ returnTo, requirement, pendingId }: Wish): Promise<string> {
  const session = await findSession();
  if (session === null) return signInPath({ returnTo });
  const owner = pseudonymOf(session.user);
  const stepUp = await sealStepUp({ owner, requirement, pendingId: pendingId ?? null });
  return startSignInPath({ returnTo, stepUp });
}
