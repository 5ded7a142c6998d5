/**
 * The one way to write a server action for a signed-in user: it has checked the request before the handler
 * runs.
 */
import 'server-only';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { SignInReason } from '../session/loaded-session';
import { signInPath } from '../sign-in/paths';
import { admitUser, type Rejection } from './admit-user';
import { type Caller, LoginRequiredError, RoleRequiredError, runAs } from './caller';
import { type SessionView, viewOf } from './session-view';

/** A form of one of our pages. */
export type ActionForm = {
  form: FormData;
  /** The text of a field; '' when there is none. */
  field: (name: string) => string;
};

type Options<State> = {
  /** The page to come back to after signing in again. */
  returnTo: string;
  /** All fields together, names included; 64 kB when left out. */
  maxBytes?: number;
  /** Before the user is sent to sign in: keep what they typed, such as with `drafts.write`. */
  keep?: (form: ActionForm) => Promise<void>;
  /** What the page shows when nothing was done. */
  rejected: (rejection: Rejection, form: ActionForm) => State | Promise<State>;
};

/** For `<form action>` and for `useActionState` alike. */
type UserAction<State> = ((form: FormData) => Promise<State>) &
  ((previous: State, form: FormData) => Promise<State>);

/**
 * A server action that runs only for a form of this site, of bounded size, within the rate limit, and for a
 * signed-in user. Within it `callApi` refreshes and repeats by itself; when only signing in again helps, what
 * was typed is kept first.
 * @example
 * 'use server';
 * export const payAction = userAction(
 *   { returnTo: '/invoices', rejected: () => 'Nothing was paid. Try again.' },
 *   async ({ field }) => ((await payInvoice(field('id'))).kind === 'ok' ? 'Paid.' : 'Not paid.'),
 * );
 */
export function userAction<State>(
  { returnTo, maxBytes = 64_000, keep, rejected }: Options<State>,
  handler: (request: ActionForm & { session: SessionView }) => Promise<State>,
): UserAction<State> {
  // Anyone can call an action, and with anything: what is no form has no fields.
  return async (...given: unknown[]): Promise<State> => {
    const last = given.at(-1);
    const read = readForm(last instanceof FormData ? last : new FormData());
    const admission = await admitUser({ headers: await headers(), bytes: countBytes(read.form), maxBytes });
    switch (admission.kind) {
      case 'admitted':
        return runAction(admission.caller, read);
      case 'login_required':
        return signInAgain(admission.reason, read);
      default:
        return rejected(admission, read);
    }
  };

  async function runAction(caller: Caller, read: ActionForm): Promise<State> {
    try {
      return await runAs(caller, () => handler({ ...read, session: viewOf(caller.session) }));
    } catch (error) {
      if (error instanceof LoginRequiredError) return signInAgain(error.reason, read);
      if (error instanceof RoleRequiredError) return rejected({ kind: 'role_required' }, read);
      throw error;
    }
  }

  async function signInAgain(reason: SignInReason | undefined, read: ActionForm): Promise<never> {
    await keep?.(read);
    return redirect(signInPath({ returnTo, reason }));
  }
}

function readForm(form: FormData): ActionForm {
  return {
    form,
    field: (name) => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    },
  };
}

function countBytes(form: FormData): number {
  let bytes = 0;
  for (const [name, value] of form)
    bytes += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : value.size);
  return bytes;
}
