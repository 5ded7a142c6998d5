/** Who is signed in, for pages and actions. Every protected page asks by itself: the proxy only makes it comfortable. */
import 'server-only';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { readSession } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';
import { signInPath } from './paths';

/** The session of this request, read once per request; null when nobody is signed in. */
export const currentSession = cache(async (): Promise<Session | null> => readSession(await requestCookies()));

/** The session, or a redirect to signing in that comes back to `returnTo`. */
export async function requireSession(returnTo: string): Promise<Session> {
  const session = await currentSession();
  return session ?? redirect(signInPath({ returnTo }));
}
