/** A role that a page, an action or a route asks of its user, beside the session. */
import 'server-only';
import { redirect } from 'next/navigation';
import { AppError } from '../base/errors';
import { logWarning } from '../base/log';
import { newReference } from '../base/reference';
import { getDeclaration } from '../config/declaration';
import type { Session } from '../session/session';
import { pseudonymOf } from '../session/user-pseudonym';
import { problemPath } from '../sign-in/paths';
import { currentCaller, RoleRequiredError } from './caller';
import { currentPage } from './page-session';
import { type SessionView, viewOf } from './session-view';

/**
 * The session of a user who has a declared role. Without it a page leads to the page that says so, with
 * status 403; an action is `rejected` with `role_required`, and a route leads to that page too. The role is
 * that of the newest ID token: what the API allows is for the API to say.
 * @example
 * await requireSession('/admin');
 * const session = await requireRole('admin'); // without await it protects nothing
 */
export async function requireRole(role: string): Promise<SessionView> {
  if (!getDeclaration().roles?.names.includes(role))
    throw new AppError('configuration_invalid', { reason: 'role_not_declared' });
  const caller = currentCaller();
  if (caller !== null) {
    if (caller.session.roles.includes(role)) return viewOf(caller.session);
    throw new RoleRequiredError();
  }
  const { session, here } = await currentPage();
  return session.roles.includes(role) ? viewOf(session) : leadAway(session, here);
}

/** Another account of the user may open the page: it is kept. */
function leadAway({ user }: Session, returnTo: string): never {
  const reference = newReference();
  const code = 'role_required';
  logWarning('role_missing', { reference, code, userPseudonym: pseudonymOf(user) });
  return redirect(problemPath({ code, reference }, { returnTo }));
}
