/**
 * The session of a page. Every protected page asks for it by itself, because the page guard alone would be no
 * protection.
 */
import 'server-only';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { endOfCallMs } from '../api/send-request';
import { findAppError } from '../base/errors';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { isDevelopment } from '../config/mode';
import { loadSession } from '../session/load-session';
import { type LoadedSession, signInReasonOf } from '../session/loaded-session';
import { requestCookies } from '../session/next-cookies';
import type { Session } from '../session/session';
import { type ListedSession, listOtherSessions as listOthers } from '../session/session-list';
import { isProtectedPath, signInPath } from '../sign-in/paths';
import { currentCaller } from './caller';
import { type SessionView, viewOf } from './session-view';

/** Once for each request: React remembers both while it renders. */
const loadCurrent = cache(async (): Promise<LoadedSession> => loadSession(await requestCookies()));
const page = cache((): PageState => ({ here: null, callsEndAtMs: null }));

type PageState = {
  here: string | null;
  /** When its calls to APIs end; null before the first one. */
  callsEndAtMs: number | null;
};

/**
 * The session of this request, without its tokens; null when the user is not signed in. For pages that anyone
 * may see.
 * @example
 * const session = await currentSession();
 * return session === null ? <Welcome /> : <p>Hello {session.user.name}</p>;
 */
export async function currentSession(): Promise<SessionView | null> {
  const session = await findSession();
  return session === null ? null : viewOf(session);
}

/**
 * The session of this request, without its tokens. A user who is not signed in is asked to, and comes back.
 * @param here the address of this page with its query
 * @example
 * export default async function InvoicesPage() {
 *   const session = await requireSession('/invoices');
 *   const invoices = await listInvoices();
 */
export async function requireSession(here: string): Promise<SessionView> {
  const loaded = await loadCurrent();
  if (loaded.kind !== 'active')
    return redirect(signInPath({ returnTo: here, reason: signInReasonOf(loaded) }));
  page().here = here;
  if (isDevelopment) warnOfUnprotected(here);
  return viewOf(loaded.session);
}

/** The page guard refreshes tokens for protected paths alone: elsewhere a page is without data once its token has expired. */
export function warnOfUnprotected(here: string): void {
  const { pathname } = new URL(here, 'http://localhost');
  const warned = processSingleton('warned-of-unprotected', () => new Set<string>());
  if (isProtectedPath(pathname) || warned.has(pathname)) return;
  warned.add(pathname);
  logWarning('page_not_protected', { path: pathname });
}

/**
 * Where else the user is signed in, newest first; null while the store does not respond.
 * @example
 * const others = await listOtherSessions();
 * return others === null ? <p>Not known right now.</p> : <p>{others.length} more</p>;
 */
export async function listOtherSessions(): Promise<ListedSession[] | null> {
  const session = await findSession();
  if (session === null) return [];
  return listOthers(session).catch((error: unknown) => {
    if (findAppError(error)?.code === 'store_unavailable') return null;
    throw error;
  });
}

/** The session of the action, route or page that is running, with its tokens: for the core alone. */
export async function findSession(): Promise<Session | null> {
  return currentCaller()?.session ?? findPageSession();
}

async function findPageSession(): Promise<Session | null> {
  const loaded = await loadCurrent();
  return loaded.kind === 'active' ? loaded.session : null;
}

/**
 * What `requireSession` found for this page, and the one deadline of all its calls to APIs, so that a page that asks one
 * after the other is not held longer than by one.
 */
export async function currentPage(): Promise<{ session: Session; here: string; callsEndAtMs: number }> {
  const session = await findPageSession();
  const state = page();
  const { here } = state;
  if (session === null || here === null)
    throw new Error('Await requireSession(here) first, or wrap the code in userAction or userRoute.');
  state.callsEndAtMs ??= endOfCallMs();
  return { session, here, callsEndAtMs: state.callsEndAtMs };
}
