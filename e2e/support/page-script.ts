/** What a script of our own page sends, as its browser would send it: cookies, where it comes from, and the header that says so. */
import type { HttpBrowser } from './http-browser.ts';

type Init = { method?: string; headers?: Record<string, string>; body?: BodyInit; signal?: AbortSignal };

/** The header of every script of ours that asks the gateway, and where its browser says that it comes from. */
export const ownHeaders = { 'x-strongroom': '1', 'sec-fetch-site': 'same-origin' };

export function askAsScript(
  { browser, origin }: { browser: HttpBrowser; origin: string },
  path: string,
  { headers = {}, ...init }: Init = {},
): Promise<Response> {
  return fetch(origin + path, {
    redirect: 'manual',
    signal: AbortSignal.timeout(240_000),
    duplex: 'half',
    ...init,
    headers: { ...ownHeaders, cookie: cookieHeader(browser, origin), ...headers },
  } as RequestInit);
}

export function cookieHeader(browser: HttpBrowser, origin: string): string {
  return [...browser.cookies(origin)].map(([name, { value }]) => `${name}=${value}`).join('; ');
}
