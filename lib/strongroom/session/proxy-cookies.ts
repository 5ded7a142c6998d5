/**
 * The cookies of a request in the proxy. What is written shows at once to whatever renders this request, and leaves with its response.
 */
import 'server-only';
import type { NextRequest, NextResponse } from 'next/server';
import type { CookieJar } from './seal';

type WrittenCookie = Parameters<CookieJar['write']>;

export function collectCookies(request: NextRequest): {
  jar: CookieJar;
  applyTo: (response: NextResponse) => void;
} {
  const written: WrittenCookie[] = [];
  const jar: CookieJar = {
    read: (name) => request.cookies.get(name)?.value,
    names: () => request.cookies.getAll().map(({ name }) => name),
    write: (name, value, options) => {
      written.push([name, value, options]);
      if (value === '') request.cookies.delete(name);
      else request.cookies.set(name, value);
    },
  };
  return {
    jar,
    applyTo: (response) => {
      for (const [name, value, options] of written) response.cookies.set(name, value, options);
    },
  };
}
