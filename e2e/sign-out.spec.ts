/** Signing out, and what is left afterwards: nothing private. */
import { expect, test } from './support/fixtures.ts';

test('SE-10: after signing out, Back shows nothing private', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/contacts');
  await page.getByRole('navigation').getByRole('link', { name: 'Messages' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Messages');
  await user.signOut();
  for (let steps = 0; steps < 2; steps += 1) {
    await user.goBack();
    await expect(page.getByRole('table')).toHaveCount(0);
    await expect(page.getByText('Ada Lindqvist')).toHaveCount(0);
  }
});

test('SE-10: another tab notices the sign-out by itself, and hides private data', async ({
  user,
  context,
}) => {
  await user.openSignedIn('/dashboard');
  const second = user.at(await context.newPage());
  await second.open('/dashboard/contacts');
  await expect(second.page.getByRole('table')).toBeVisible();
  await user.signOut();
  await expect(second.page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
  await expect(second.page.getByRole('table')).toHaveCount(0);
  await second.goBack();
  await expect(second.page.getByRole('table')).toHaveCount(0);
});

test('SE-10: a tab with unsent text keeps it, and says that the session has ended', async ({
  user,
  context,
}) => {
  await user.openSignedIn('/dashboard');
  const second = user.at(await context.newPage());
  await second.open('/dashboard/messages');
  await second.page.getByLabel('New message').fill('Half a sentence');
  await user.signOut();
  await expect(second.page.getByText('Your session has ended. What you wrote is still here.')).toBeVisible();
  await expect(second.page.getByLabel('New message')).toHaveValue('Half a sentence');
  // The data of the user is hidden.
  await expect(second.page.getByRole('listitem').filter({ hasText: 'ago' })).toHaveCount(0);
  await expect(second.page.getByText('Ada Lindqvist').filter({ visible: true })).toHaveCount(0);
});

test('SE-12: signing out everywhere ends the session in another browser too', async ({ user, browser }) => {
  await user.openSignedIn('/dashboard/session');
  const elsewhere = await browser.newContext();
  const other = user.at(await elsewhere.newPage());
  await other.signIn('/dashboard');
  await user.page.reload();
  await expect(user.page.getByRole('main')).toContainText('Chrome');
  await user.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(user.page.getByRole('heading', { level: 1 })).toContainText('You are signed out');
  await other.page.reload();
  await expect(other.page.getByRole('heading', { level: 1 })).toHaveText('Your session has ended');
  await elsewhere.close();
});

test('SE-14: a button to sign out and the name of who is signed in are on every page', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard');
  for (const path of [
    '/dashboard',
    '/dashboard/contacts',
    '/dashboard/messages',
    '/dashboard/access',
    '/dashboard/session',
  ]) {
    await user.open(path);
    await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Ada Lindqvist');
  }
});
