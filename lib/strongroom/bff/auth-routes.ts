/** The mount of every route below `/auth`, with the adopter's pending actions. */
import 'server-only';
import { mountAuthRoutes } from '../sign-in/auth-routes';
import { type Caller, runAs } from './caller';
import { pagesOfTheCore } from './default-pages';
import { type PendingActionRunners, runPendingAction } from './pending-actions';

/**
 * Every route below `/auth`, for the one file `app/auth/[...path]/route.ts`.
 * @param pendingActions how each declared pending action is carried out; left out: none is declared
 * @example
 * export const { GET, HEAD, POST } = authRoutes({
 *   pendingActions: { pay_invoice: ({ id }) => payInvoice(id) },
 * });
 */
export function authRoutes({ pendingActions = {} }: { pendingActions?: PendingActionRunners } = {}) {
  return mountAuthRoutes((jar, session, pendingId) => {
    const caller: Caller = { jar, session };
    return runAs(caller, () => runPendingAction(caller, pendingId, pendingActions));
  }, pagesOfTheCore);
}
