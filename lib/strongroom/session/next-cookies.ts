/** The cookies of the current request in a route handler, server action or page, as a jar. Pages can read it; writing there throws. */
import 'server-only';
import { cookies } from 'next/headers';
import type { CookieJar } from './seal';

export async function requestCookies(): Promise<CookieJar> {
  const store = await cookies();
  return {
    read: (name) => store.get(name)?.value,
    names: () => store.getAll().map((cookie) => cookie.name),
    write: (name, value, options) => {
      store.set(name, value, options);
    },
  };
}
