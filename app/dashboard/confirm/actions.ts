'use server';
/** Tries again what its person confirmed and the API did not answer to. */
import { redirect } from 'next/navigation';
import { signInPath } from '@/lib/auth/sign-in-path';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { isOwnForm, readField } from '../own-form';
import { performPending } from '../perform-pending';
import { confirmPath } from '../wait-for-sign-in';

export async function tryAgainAction(form: FormData): Promise<void> {
  if (!(await isOwnForm())) redirect(confirmPath);
  const jar = await requestCookies();
  const found = await lookUpSession(jar);
  // What cannot be checked now waits on.
  if (found.kind === 'unchecked') redirect(confirmPath);
  if (found.kind !== 'session') redirect(signInPath({ returnTo: confirmPath, reason: 'ended' }));
  await performPending(jar, found.session, readField(form, 'id'));
  redirect(confirmPath);
}
