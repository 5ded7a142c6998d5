/** Who is signed in, for pages. Every protected page asks by itself: the proxy in front of it only makes it comfortable. */
import 'server-only';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { loadSession } from '../session/load-session';
import { type LoadedSession, signInReasonOf } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';
import { signInPath } from './paths';

/** Loaded once for all parts of a page. */
const loadCurrent = cache(async (): Promise<LoadedSession> => loadSession(await requestCookies()));

/** The active session of this request, or null. */
export async function currentSession(): Promise<Session | null> {
  const loaded = await loadCurrent();
  return loaded.kind === 'active' ? loaded.session : null;
}

/** The session, or a redirect to the sign-in page, which comes back to `returnTo`. */
export async function requireSession(returnTo: string): Promise<Session> {
  const loaded = await loadCurrent();
  if (loaded.kind === 'active') return loaded.session;
  return redirect(signInPath({ returnTo, reason: signInReasonOf(loaded) }));
}
