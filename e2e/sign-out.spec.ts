/** Signing out, and what is left afterwards: nothing private. */
import { expect, test } from './support/fixtures.ts';

test('SE-10: after signing out, Back shows nothing private, and neither does another tab', async ({
  person,
  page,
  context,
}) => {
  await person.signIn('/dashboard/contacts');
  const second = person.at(await context.newPage());
  await second.open('/dashboard');
  await page.getByRole('navigation').getByRole('link', { name: 'Messages' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Messages');
  await person.signOut();
  for (let steps = 0; steps < 2; steps += 1) {
    await page.goBack();
    await expect(page.getByRole('table')).toHaveCount(0);
    await expect(page.getByText('Ada Lindqvist')).toHaveCount(0);
  }
  await second.page.getByRole('navigation').getByRole('link', { name: 'Contacts' }).first().click();
  await expect(second.page.getByRole('heading', { level: 1 })).toHaveText('Sign in to continue');
});

test('a button to sign out and the name of who is signed in are on every page', async ({ person, page }) => {
  await person.signIn('/dashboard');
  for (const path of [
    '/dashboard',
    '/dashboard/contacts',
    '/dashboard/messages',
    '/dashboard/access',
    '/dashboard/session',
  ]) {
    await person.open(path);
    await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Ada Lindqvist');
  }
});
