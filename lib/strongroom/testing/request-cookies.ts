/** The cookies of the request under test, where Next would look for those of its own. Test support only. */
import type { CookieJar } from '../session/cookie-jar';

let current: CookieJar | null = null;

/** From now on a request comes with these cookies. */
export function holdCookies<Jar extends CookieJar>(jar: Jar): Jar {
  current = jar;
  return jar;
}

/** Stands in for `requestCookies` of next-cookies.ts. */
export async function requestCookies(): Promise<CookieJar> {
  if (current === null) throw new Error('The test holds no cookies.');
  return current;
}
