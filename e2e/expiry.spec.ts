/** Tokens that expire while the user is reading or writing. */
import { expect, test } from './support/fixtures.ts';
import { revokeGrant } from './support/revoke.ts';
import { joinSessionCookie } from './support/seals.ts';

// The stream of an open Messages page refreshes tokens too; here only what the user does shall do it.
test.beforeEach(({ page }) => page.route('**/api/gateway/messages/stream', (route) => route.abort()));

test('an access token that expires while browsing is refreshed, and the user notices nothing', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard');
  const renewed = () => user.stack.appEvents('tokens_refreshed').length;
  const before = renewed();
  for (const name of ['Contacts', 'Messages', 'Access']) {
    await user.expireAccessToken();
    await page.getByRole('navigation').getByRole('link', { name }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
    await expect(page.getByRole('main')).not.toContainText('not answering');
  }
  expect(renewed() - before).toBe(3);
});

test('RF-15: the response to a form brings the whole page again only when tokens were refreshed', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/messages');
  const post = async () => {
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByLabel('New message').fill('word '.repeat(420));
    await page.getByRole('button', { name: 'Post message' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'at most 2,000' })).toBeVisible();
    const headers = await (await answered).headersArray();
    return headers
      .filter(({ name }) => /^(set-cookie|x-action-revalidated)$/i.test(name))
      .map(({ name }) => name.toLowerCase());
  };
  const renewed = () => user.stack.appEvents('tokens_refreshed').length;
  await page.reload();
  const before = renewed();
  expect(await post()).toEqual([]);
  expect(renewed()).toBe(before);
  await user.expireAccessToken();
  expect(await post()).toContain('set-cookie');
  expect(renewed()).toBeGreaterThan(before);
});

test('a refresh token that was revoked asks to sign in again, and the draft is kept', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/messages');
  const cookies = await page.context().cookies(user.stack.appOrigin);
  await revokeGrant(user.stack, joinSessionCookie(new Map(cookies.map((cookie) => [cookie.name, cookie]))));
  const text = `Kept through a revocation ${Date.now()}`;
  await page.getByLabel('New message').fill(text);
  await user.expireAccessToken();
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your session has ended');
  await user.startSignIn();
  await expect(page).toHaveURL(/\/dashboard\/messages/);
  await expect(page.getByLabel('New message')).toHaveValue(text);
});
