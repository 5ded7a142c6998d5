/**
 * A client without a secret, whose platform writes a token to a file that it replaces: the application is started as
 * `npm start` does, so Node keeps it from reading files elsewhere until its operator allows this one.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  expectNoLeak,
  listAuthenticated,
  sessionEnvironment,
  signInAt,
  signOutAt,
  visitExpired,
} from '../support/authenticated-client.ts';
import type { HttpBrowser } from '../support/http-browser.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

const secretBehind = 'a secret that only the server has';
let [world, platform]: [StockWorld, Platform] = [] as never;
beforeAll(async () => {
  platform = await startPlatform();
  world = await startStockWorld({
    client: { client_secret: secretBehind, token_endpoint_auth_method: 'client_secret_post' },
    before: platform.trust(secretBehind),
    env: { ...sessionEnvironment, AUTH_CLIENT_SECRET: '', AUTH_CLIENT_ASSERTION_FILE: platform.file },
  });
  await platform.write(world.server.issuer);
});
afterAll(async () => {
  await world?.close();
  platform?.close();
});

it('CA-02: a file that Node keeps the application from reading is named, with the flag that it takes', async () => {
  await expect(signInAt(world)).rejects.toThrow();
  const [said] = world.app.events('client_assertion_unusable');
  expect(said).toMatchObject({ reason: 'assertion_file_permission', file: platform.file });
  expect(said?.mend).toContain(`--allow-fs-read=${platform.file}`);
  expect(world.server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

/** The session goes on, and the log says what is wrong with the file, at the latest after the back-off. */
async function expectKept(browser: HttpBrowser, reason: string): Promise<void> {
  await expect
    .poll(async () => {
      const page = await visitExpired(world, browser);
      expect(page.url.pathname).toBe('/dashboard/contacts');
      expect(page.html).toContain('Stock User');
      return world.app.events('client_assertion_unusable');
    })
    .toContainEqual(expect.objectContaining({ reason, file: platform.file }));
  expect(world.app.events('session_rejected')).toEqual([]);
}

it('CA-02: with the flag, the whole session authenticates by the file as it is at each request, and survives one that cannot be used', async () => {
  await world.restart({ NODE_OPTIONS: `--allow-fs-read=${platform.file}` });
  const { issuer } = world.server;
  const first = await platform.write(issuer);
  const browser = await signInAt(world);
  platform.remove();
  await expectKept(browser, 'assertion_file_missing');
  platform.writeText('');
  await expectKept(browser, 'assertion_file_malformed');
  await platform.write(issuer, -1);
  await expectKept(browser, 'assertion_file_expired');
  const second = await platform.write(issuer);
  await expect
    .poll(async () => {
      await visitExpired(world, browser);
      return world.app.events('tokens_refreshed');
    })
    .toHaveLength(1);
  await signOutAt(world, browser);
  expectNoLeak(world, browser, [{ name: 'secret', value: secretBehind }]);
  const sent = listAuthenticated(world).map(({ client_assertion }) => client_assertion);
  expect(sent).toEqual([first, first, second, second]);
});
