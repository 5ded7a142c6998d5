/** Asking for one permission more, when it is needed. */
import { expect, test } from './support/fixtures.ts';
import { nameOfNewcomer } from './support/user.ts';

test('a permission that was declined is offered where it is needed, requested alone, and works afterwards', async ({
  newcomer: user,
  page,
}) => {
  await user.signIn('/dashboard/messages', { without: ['Post messages as you'] });
  await expect(page.getByLabel('New message')).toHaveCount(0);
  await page.getByRole('link', { name: 'Grant ‘Post messages’' }).click();
  await expect(page.getByRole('checkbox')).toHaveCount(1);
  await expect(page.getByRole('checkbox', { name: 'Post messages as you' })).toBeVisible();
  await user.consent();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages`);
  await page.getByLabel('New message').fill('Now I may');
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Now I may' })).toBeVisible();
  await user.open('/dashboard/access');
  await expect(page.getByRole('listitem').filter({ hasText: 'Post messages' })).toContainText('Granted');
  await expect(page.getByRole('listitem').filter({ hasText: 'Stay signed in' })).toContainText('Granted');
});

test('declining the extra permission keeps the session as it was', async ({ newcomer: user, page }) => {
  await user.signIn('/dashboard/access', { without: ['Post messages as you'] });
  await page.getByRole('link', { name: 'Grant ‘Post messages’' }).click();
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Access was not granted');
  await expect(page.getByRole('main')).toContainText(`You are still signed in as ${nameOfNewcomer(user)}`);
  await page.getByRole('link', { name: /go back/i }).click();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/access`);
  await expect(page.getByRole('listitem').filter({ hasText: 'Read your contacts' })).toContainText('Granted');
});
