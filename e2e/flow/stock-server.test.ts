/** The application at an authorization server that nobody set up for it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

let world: StockWorld;
beforeAll(async () => {
  world = await startStockWorld({ configuration: { ttl: { AccessToken: 1 } } });
});
afterAll(() => world?.close());

const countRefreshes = () =>
  world.server.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token').length;

it('signs in, calls the API, refreshes and signs out', async () => {
  const { appOrigin, api, server } = world;
  const browser = new HttpBrowser();
  const page = await browser.follow(`${appOrigin}/auth/sign-in?return_to=/dashboard/contacts`);
  expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
  expect(page.html).toContain('Stock User');
  await expect
    .poll(async () => {
      await browser.visit(`${appOrigin}/dashboard/contacts`);
      return countRefreshes();
    })
    .toBeGreaterThan(0);
  expect(new Set(api.tokens).size).toBeGreaterThan(1);
  const asked = await browser.submit(await browser.visit(`${appOrigin}/dashboard`), /sign-out/);
  const out = await browser.submit(asked, /session\/end\/confirm/, { logout: 'yes' });
  expect(out.url.pathname).toBe('/signed-out');
  expect(server.requests.filter(({ url }) => url.pathname === '/token/revocation')).toHaveLength(1);
});
