/**
 * The cookies of a request in the server guard. A cookie that is written shows at once to the page of this request,
 * and leaves with its response, whatever else sets cookies there.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NextResponse } from 'next/server';
import { type CookieJar, createCookieJar } from './cookie-jar';

type WrittenCookie = Parameters<CookieJar['write']>;

export function nodeCookies(request: IncomingMessage, response: ServerResponse): CookieJar {
  const cookies = parseCookies(request.headers.cookie);
  const written: WrittenCookie[] = [];
  return createCookieJar({
    read: (name) => cookies.get(name),
    names: () => [...cookies.keys()],
    write: (name, value, options) => {
      if (written.length === 0) sendWith(response, written);
      written.push([name, value, options]);
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
      request.headers.cookie = [...cookies]
        .map(([key, text]) => `${key}=${encodeURIComponent(text)}`)
        .join('; ');
    },
  });
}

/** As Next reads them in pages and routes: the last one of a name counts, and one without a name or a value is none. */
function parseCookies(header = ''): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(/; */)) {
    const at = pair.indexOf('=');
    const value = at > 0 ? decode(pair.slice(at + 1)) : null;
    if (value !== null) cookies.set(pair.slice(0, at), value);
  }
  return cookies;
}

function decode(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * Adds the cookies when the response begins: Next replaces the header when a page or an action sets a cookie. Theirs
 * of the same name is newer.
 */
function sendWith(response: ServerResponse, written: readonly WrittenCookie[]): void {
  const { writeHead } = response;
  // Node calls it for every response, whether the application does or not.
  response.writeHead = (...given: unknown[]) => {
    const theirs = [response.getHeader('set-cookie') ?? []].flat().map(String);
    const names = theirs.map(nameOf);
    const ours = serialize(written).filter((line) => !names.includes(nameOf(line)));
    response.setHeader('set-cookie', [...ours, ...theirs]);
    return Reflect.apply(writeHead, response, given);
  };
}

function serialize(written: readonly WrittenCookie[]): string[] {
  const carrier = new NextResponse();
  for (const cookie of written) carrier.cookies.set(...cookie);
  return carrier.headers.getSetCookie();
}

const nameOf = (line: string) => line.slice(0, line.indexOf('='));
