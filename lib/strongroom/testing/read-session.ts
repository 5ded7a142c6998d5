/** The session of a jar as a page would get it. Test support only. */
import type { CookieJar } from '../session/cookie-jar';
import { loadSession } from '../session/load-session';
import type { Session } from '../session/session';

/** The active session, or null in every other case. */
export async function readSession(jar: CookieJar): Promise<Session | null> {
  const loaded = await loadSession(jar);
  return loaded.kind === 'active' ? loaded.session : null;
}
