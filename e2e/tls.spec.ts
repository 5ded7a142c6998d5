/** The application as it is deployed: behind a proxy that ends TLS, under an https address, in a real browser. */
import type { Response } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { startBehindTls } from './support/tls-stack.ts';
import { User } from './support/user.ts';

test.use({ ignoreHTTPSErrors: true });

let stack: TestStack;
test.beforeAll(async () => {
  stack = await startBehindTls((env) => startTestStack(env));
});
test.afterAll(() => stack?.close());

test('HO-03, HO-07: over TLS everything works, every cookie is Secure and bound to the host, and every response has HSTS', async ({
  page,
  context,
}) => {
  const user = new User(page, stack);
  const complaints: string[] = [];
  const responses: Response[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('response', (response) => response.url().startsWith(stack.appOrigin) && responses.push(response));

  await user.open('/dashboard/contacts');
  await user.startSignIn();
  await user.enterPassword();
  await user.consent();
  await expect(page).toHaveURL(`${stack.appOrigin}/dashboard/contacts`);
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(21);
  await page.getByRole('combobox').fill('an');
  await expect(page.getByRole('option').first()).toBeVisible();
  const names = (await context.cookies(stack.appOrigin)).map(({ name }) => name);
  expect(names).toContainEqual(expect.stringMatching(/^__Host-strongroom(?:\.0)?$/));
  expect(await page.evaluate(() => document.cookie)).not.toContain('strongroom');
  await user.signOut();

  const paths = responses.map((response) => new URL(response.url()).pathname);
  for (const kind of [
    /^\/dashboard/,
    /^\/auth\/callback/,
    /^\/auth\/sign-out/,
    /^\/_next\/static/,
    /^\/api\/gateway/,
  ])
    expect(paths.some((path) => kind.test(path))).toBe(true);
  const setCookies: string[] = [];
  for (const response of responses) {
    const headers = await response.headersArray();
    const read = (wanted: string) => headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
    expect([response.url(), read('strict-transport-security')]).toEqual([
      response.url(),
      expect.stringMatching(/^max-age=\d{8}$/),
    ]);
    for (const { name, value } of headers) if (name.toLowerCase() === 'set-cookie') setCookies.push(value);
  }
  for (const line of setCookies) {
    expect(line.toLowerCase()).toMatch(/; path=\/;.*; secure; httponly/);
    expect(line.toLowerCase()).not.toContain('domain=');
  }
  // The others only clear what never left the server.
  const kept = setCookies.filter((line) => !/^[^=]+=;/.test(line));
  for (const shape of [/^__Host-strongroom(?:\.0)?=/, /^__Host-strongroom-transaction-/])
    expect(kept.some((line) => shape.test(line))).toBe(true);
  for (const line of kept) expect(line).toMatch(/^__Host-strongroom/);
  expect(complaints).toEqual([]);
});
