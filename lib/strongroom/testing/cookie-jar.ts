/**
 * A browser's cookies for one site, in memory: a cookie that is written with `maxAge: 0` is gone. Test
 * support only.
 */
import { type CookieJar, type CookieOptions, createCookieJar } from '../session/cookie-jar';

export type TestJar = CookieJar & {
  cookies: Map<string, string>;
  /** Every write, in order. */
  writes: { name: string; value: string; options: CookieOptions }[];
};

export function createTestJar(from: Iterable<[string, string]> = []): TestJar {
  const cookies = new Map<string, string>(from);
  const writes: TestJar['writes'] = [];
  const jar = createCookieJar({
    read: (name) => cookies.get(name),
    names: () => [...cookies.keys()],
    write: (name, value, options) => {
      writes.push({ name, value, options: { ...options } });
      if (value === '' || options.maxAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    },
  });
  return { ...jar, cookies, writes };
}
