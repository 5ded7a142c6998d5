/**
 * The cookies of a request in Next's proxy. A cookie that is written shows at once to the page of this
 * request, and leaves with its response.
 */
import 'server-only';
import type { NextRequest, NextResponse } from 'next/server';
import { type CookieJar, createCookieJar } from './cookie-jar';

type WrittenCookie = Parameters<CookieJar['write']>;

export function collectCookies(request: NextRequest): {
  jar: CookieJar;
  applyTo: (response: NextResponse) => void;
} {
  const written: WrittenCookie[] = [];
  const jar = createCookieJar({
    read: (name) => request.cookies.get(name)?.value,
    names: () => request.cookies.getAll().map(({ name }) => name),
    write: (name, value, options) => {
      written.push([name, value, options]);
      if (value === '') request.cookies.delete(name);
      else request.cookies.set(name, value);
    },
  });
  return {
    jar,
    applyTo: (response) => {
      for (const cookie of written) response.cookies.set(...cookie);
    },
  };
}
