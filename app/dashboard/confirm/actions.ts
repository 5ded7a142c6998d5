'use server';
/** Tries again what its person confirmed and the API did not answer to. */
import { redirect } from 'next/navigation';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { signInReasonOf } from '@/lib/strongroom/session/loaded-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import { isSameOriginForm, readField } from '../../../lib/strongroom/bff/same-origin-form';
import { runPendingAction } from './run-pending-action';
import { confirmPath } from './wait-for-step-up';

export async function tryAgainAction(form: FormData): Promise<void> {
  if (!(await isSameOriginForm())) redirect(confirmPath);
  const jar = await requestCookies();
  const loaded = await loadSession(jar);
  // While the session is indeterminate the action waits on.
  if (loaded.kind === 'indeterminate') redirect(confirmPath);
  if (loaded.kind !== 'active')
    redirect(signInPath({ returnTo: confirmPath, reason: signInReasonOf(loaded) }));
  await runPendingAction(jar, loaded.session, readField(form, 'id'));
  redirect(confirmPath);
}
