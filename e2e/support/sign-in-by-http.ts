/** The journey of signing in, for tests without a screen. */
import type { HttpBrowser, Page } from './http-browser.ts';
import { ada, type TestStack } from './test-stack.ts';

type SignIn = { email?: string; returnTo?: string; permissions?: string[] };

/** Signs in from the first click to the page, consenting if asked. */
export async function signInByHttp(
  stack: TestStack,
  browser: HttpBrowser,
  signIn: SignIn = {},
): Promise<Page> {
  const callback = await reachCallback(stack, browser, signIn);
  return browser.visit(callback);
}

/** Everything up to the callback address, which is not visited: the code in it is still unused. */
export async function reachCallback(
  stack: TestStack,
  browser: HttpBrowser,
  signIn: SignIn = {},
): Promise<URL> {
  const start = await startByHttp(stack, browser, signIn.returnTo);
  return submitAtServer(stack, browser, start, signIn);
}

export function startByHttp(stack: TestStack, browser: HttpBrowser, returnTo = '/dashboard'): Promise<Page> {
  return browser.follow(`${stack.appOrigin}/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`, {
    stopAtCallback: true,
  });
}

/** Submits the forms of the authorization server (password, consent) until it redirects to the callback. */
export async function submitAtServer(
  stack: TestStack,
  browser: HttpBrowser,
  start: Page,
  signIn: SignIn = {},
): Promise<URL> {
  let page = start;
  for (let step = 0; step < 4; step += 1) {
    const callback = findCallback(page);
    if (callback !== null) return callback;
    page = await submitPage(stack, browser, page, signIn);
  }
  throw new Error(`The authorization server did not come back: ${page.url.href} ${page.html.slice(0, 500)}`);
}

function submitPage(
  stack: TestStack,
  browser: HttpBrowser,
  page: Page,
  { email = ada, permissions }: SignIn,
): Promise<Page> {
  const options = { stopAtCallback: true };
  const password = stack.passwordOf(email);
  if (page.html.includes('name="password"'))
    return browser.submit(page, /\/login$/, { email, password }, options);
  const chosen: Record<string, string[]> = permissions === undefined ? {} : { permission: permissions };
  return browser.submit(page, /\/consent$/, chosen, options);
}

function findCallback(page: Page): URL | null {
  const location = page.responses.at(-1)?.location ?? null;
  const url = location === null ? null : new URL(location, page.url);
  return url?.pathname === '/auth/callback/provider' ? url : null;
}
