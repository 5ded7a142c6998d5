/**
 * What a user does in a browser. The lying server asks the user nothing, so a sign-in is visiting two
 * addresses.
 */
import { decodeEntities, type HttpBrowser, type Page } from '../support/http-browser.ts';
import type { World } from './world.ts';

/**
 * Follows "Sign in" up to the callback, which is not visited, or to the page where the sign-in ended before
 * that.
 */
export function start(world: World, browser: HttpBrowser, returnTo = '/dashboard/access'): Promise<Page> {
  const address = `${world.appOrigin}/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`;
  return browser.follow(address, { stopAtCallback: true });
}

/** @returns the callback to which the last redirect leads, or null */
export function callbackOf(page: Page): URL | null {
  const location = page.responses.at(-1)?.location ?? null;
  const url = location === null ? null : new URL(location, page.url);
  return url?.pathname.startsWith('/auth/callback/') ? url : null;
}

/** @returns the address of the callback, with a code that is not used yet */
export async function reachCallback(world: World, browser: HttpBrowser, returnTo?: string): Promise<URL> {
  const callback = callbackOf(await start(world, browser, returnTo));
  if (callback === null) throw new Error('The server did not send the browser back.');
  return callback;
}

export async function signIn(world: World, browser: HttpBrowser, returnTo?: string): Promise<Page> {
  const page = await start(world, browser, returnTo);
  const callback = callbackOf(page);
  return callback === null ? page : browser.visit(callback);
}

/** @returns the address of the first link of `page` that matches `pattern` */
export function linkIn(page: Page, pattern: RegExp): URL {
  const href = [...page.html.matchAll(/href="([^"]+)"/g)]
    .map(([, value = '']) => decodeEntities(value))
    .find((value) => pattern.test(value));
  if (href === undefined) throw new Error(`No link ${pattern} on ${page.url.pathname}`);
  return new URL(href, page.url);
}

export function sessionOf(world: World, browser: HttpBrowser): string | null {
  return browser.cookies(world.appOrigin).get('strongroom')?.value ?? null;
}

export function transactionsOf(world: World, browser: HttpBrowser): string[] {
  const cookies = [...browser.cookies(world.appOrigin)];
  return cookies.filter(([name]) => name.startsWith('strongroom-transaction-')).map(([, { value }]) => value);
}

/**
 * For `expect.poll`: an event is waited for as long as a test may run, and never for a time that a slow
 * machine could miss.
 */
export const untilTestEnds = { timeout: 600_000 };
