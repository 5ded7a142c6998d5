/** A whole session of one user at a stock server, and the requests of it that authenticate the client. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { HttpBrowser } from './http-browser.ts';
import { describeToken, findLeaks, type Secret } from './leaks.ts';
import { expireAccessToken } from './seals.ts';
import type { StockWorld } from './stock-world.ts';

const appSecret = randomBytes(32).toString('base64url');

/** Every kind of request that authenticates the client is sent. */
export const sessionEnvironment = { AUTH_SECRET: `1:${appSecret}`, AUTH_PAR: 'always' };

/** Signs in by a pushed request. */
export async function signInAt({ appOrigin }: StockWorld): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  const page = await browser.follow(`${appOrigin}/auth/sign-in?return_to=/dashboard/contacts`);
  expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
  expect(page.html).toContain('Stock User');
  return browser;
}

/** The next page needs a fresh token. */
export async function visitExpired({ appOrigin }: StockWorld, browser: HttpBrowser) {
  await expireAccessToken({ appOrigin, secrets: { appSecret } }, browser);
  return browser.visit(`${appOrigin}/dashboard/contacts`);
}

/** Signs out here, which revokes the refresh token, and there. */
export async function signOutAt({ appOrigin }: StockWorld, browser: HttpBrowser): Promise<void> {
  const asked = await browser.submit(await browser.visit(`${appOrigin}/dashboard`), /sign-out/);
  const out = await browser.submit(asked, /session\/end\/confirm/, { logout: 'yes' });
  expect(out.url.pathname).toBe('/signed-out');
}

/** Of a session with one refresh: the form, and what stands in the header. */
export function listAuthenticated({ server }: StockWorld) {
  const paths = ['/request', '/token', '/token/revocation'];
  const posts = server.requests.filter(
    ({ method, url }) => method === 'POST' && paths.includes(url.pathname),
  );
  expect(posts.map(({ url, form }) => `${url.pathname} ${form.get('grant_type') ?? ''}`.trim())).toEqual([
    '/request',
    '/token authorization_code',
    '/token refresh_token',
    '/token/revocation',
  ]);
  return posts.map(({ form, headers }) => ({
    ...Object.fromEntries(form),
    authorization: headers.authorization,
  })) as Record<string, string | undefined>[];
}

/** Nothing that proves who the client is has reached a browser or the log. */
export function expectNoLeak(world: StockWorld, browser: HttpBrowser, secrets: readonly Secret[]): void {
  const assertions = world.server.requests
    .map(({ form }) => form.get('client_assertion'))
    .filter((one) => one !== null)
    .flatMap((assertion) => describeToken('assertion', assertion));
  const seen = [...browser.received, ...world.app.lines].join('\n');
  expect(findLeaks(seen, [...secrets, ...assertions])).toEqual([]);
  expect(seen.length).toBeGreaterThan(1_000);
}
