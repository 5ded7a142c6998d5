'use server';
/** Tries again what its person confirmed and the API did not answer to. */
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { getConfig } from '@/lib/config/config';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { performPending } from '../perform-pending';
import { confirmPath } from '../wait-for-sign-in';

export async function tryAgainAction(form: FormData): Promise<void> {
  if (!isOwnRequest(await headers(), getConfig().appOrigin)) redirect(confirmPath);
  const jar = await requestCookies();
  const found = await lookUpSession(jar);
  // What cannot be checked now waits on.
  if (found.kind === 'unchecked') redirect(confirmPath);
  if (found.kind !== 'session') redirect(signInPath({ returnTo: confirmPath, reason: 'ended' }));
  await performPending(jar, found.session, String(form.get('id') ?? ''));
  redirect(confirmPath);
}
