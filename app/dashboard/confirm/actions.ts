'use server';
/** Tries again what its person confirmed and the API did not answer to. */
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { signInPath } from '@/lib/auth/sign-in-path';
import { getConfig } from '@/lib/config/config';
import { readSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { performPending } from '../perform-pending';
import { confirmPath } from '../wait-for-sign-in';

export async function tryAgainAction(form: FormData): Promise<void> {
  if (!isOwnRequest(await headers(), getConfig().appOrigin)) redirect(confirmPath);
  const jar = await requestCookies();
  const session = await readSession(jar);
  if (session === null) redirect(signInPath({ returnTo: confirmPath, reason: 'ended' }));
  await performPending(jar, session, String(form.get('id') ?? ''));
  redirect(confirmPath);
}
