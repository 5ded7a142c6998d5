'use server';
/** Tries again what its person confirmed and the API did not answer to. */
import { redirect } from 'next/navigation';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { signInPath } from '@/lib/strongroom/sign-in/paths';
import { isSameOriginForm, readField } from '../../../lib/strongroom/bff/same-origin-form';
import { runPendingAction } from './run-pending-action';
import { confirmPath } from './wait-for-step-up';

export async function tryAgainAction(form: FormData): Promise<void> {
  if (!(await isSameOriginForm())) redirect(confirmPath);
  const jar = await requestCookies();
  const found = await loadSession(jar);
  // What cannot be checked now waits on.
  if (found.kind === 'unchecked') redirect(confirmPath);
  if (found.kind !== 'session') redirect(signInPath({ returnTo: confirmPath, reason: 'ended' }));
  await runPendingAction(jar, found.session, readField(form, 'id'));
  redirect(confirmPath);
}
