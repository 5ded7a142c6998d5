/** A browser's cookies for one site, in memory: what is written with `maxAge: 0` is gone. Test support only. */
import type { CookieJar } from '../session/seal';

export type TestJar = CookieJar & {
  cookies: Map<string, string>;
  /** Every write, in order. */
  writes: { name: string; value: string; options: Record<string, unknown> }[];
};

export function createTestJar(from: Iterable<[string, string]> = []): TestJar {
  const cookies = new Map<string, string>(from);
  const writes: TestJar['writes'] = [];
  return {
    cookies,
    writes,
    read: (name) => cookies.get(name),
    names: () => [...cookies.keys()],
    write: (name, value, options) => {
      writes.push({ name, value, options: { ...options } });
      if (value === '' || options?.maxAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    },
  };
}
