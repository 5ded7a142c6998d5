/** The very first sign-in of a user: consent in words, then their data. */
import { expect, test } from './support/fixtures.ts';
import { nameOfNewcomer } from './support/user.ts';

test('the first sign-in asks for consent in words, and ends on the overview with data of the API', async ({
  newcomer: user,
  page,
}) => {
  await user.open('/');
  await user.startSignIn();
  await user.enterPassword();
  await expect(page.getByRole('heading', { level: 1, name: 'What may Strongroom do?' })).toBeVisible();
  for (const permission of [
    'Read your contacts',
    'Read your messages',
    'Post messages as you',
    'Stay signed in',
  ])
    await expect(page.getByRole('checkbox', { name: permission })).toBeChecked();
  await user.consent();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard`);
  await expect(page.getByRole('main')).toContainText(nameOfNewcomer(user));
  await expect(page.getByRole('main')).toContainText('300');
});
