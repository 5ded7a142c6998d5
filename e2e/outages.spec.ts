/** When a server is down: the frame stays, no user is signed out, and each page says what to do. */
import { expect, test } from './support/fixtures.ts';

test('the API is down: the frame stays, the text stays, and trying again works when it is back', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/messages');
  await page.getByLabel('New message').fill('Written during an outage');
  await user.stack.stop('API');
  try {
    await page.getByRole('button', { name: 'Post message' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'not answering' })).toBeVisible();
    await expect(page.getByLabel('New message')).toHaveValue('Written during an outage');
    await user.open('/dashboard/contacts');
    await expect(page.getByRole('main')).toContainText('You are still signed in');
    await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toBeVisible();
  } finally {
    await user.stack.start('API');
  }
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('table')).toBeVisible();
});

test('the authorization server is down: signing in says so with a reference, and works when it is back', async ({
  user,
  page,
}) => {
  await user.stack.stop('authorization server');
  try {
    await user.open('/');
    await user.startSignIn();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/not answering/i);
    const reference = /[2-9A-Z]{4}-[2-9A-Z]{4}/.exec(
      (await page.getByText(/Reference/).textContent()) ?? '',
    )?.[0];
    expect(user.stack.appEvents('sign_in_not_started').at(-1)?.reference).toBe(reference);
  } finally {
    await user.stack.start('authorization server');
  }
  await expect(async () => {
    await user.open('/');
    await user.startSignIn();
    const password = page.getByLabel('Password');
    await password.or(page.getByRole('heading', { level: 1, name: /not answering/i })).waitFor();
    await expect(password).toBeVisible({ timeout: 1 });
  }).toPass();
});
