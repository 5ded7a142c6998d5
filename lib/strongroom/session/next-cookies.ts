/**
 * The cookies of the current request in a route handler, server action or page, as a jar. Next throws when a
 * page writes a cookie.
 */
import 'server-only';
import { cookies } from 'next/headers';
import { type CookieJar, createCookieJar } from './cookie-jar';

export async function requestCookies(): Promise<CookieJar> {
  const store = await cookies();
  const source = {
    read: (name: string) => store.get(name)?.value,
    names: () => store.getAll().map((cookie) => cookie.name),
    write: (...cookie: Parameters<CookieJar['write']>) => void store.set(...cookie),
  };
  return createCookieJar(source);
}
