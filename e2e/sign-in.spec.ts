/** Signing in: again, declined, from a deep link, with a wrong password, in many tabs, without JavaScript. */
import { expect, test } from './support/fixtures.ts';
import { grace } from './support/test-stack.ts';

// Consent is remembered: who declines has not been here before.
test.use({ stackName: 'sign-in' });

test('the second sign-in asks for no consent', async ({ person, page }) => {
  await person.signIn();
  await person.signOut();
  await person.open('/');
  await person.startSignIn();
  await person.enterPassword();
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard`);
});

test('who declines is told that nothing was shared, and can try again', async ({ person: someone, page }) => {
  const person = someone.as(grace);
  await person.open('/dashboard/messages');
  await person.startSignIn();
  await person.enterPassword();
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('You did not grant access');
  await expect(page.getByRole('main')).toContainText(/Nothing was shared/i);
  await expect(page.getByText(/Reference/)).toHaveText(/[2-9A-Z]{4}-[2-9A-Z]{4}/);
  await person.startSignIn();
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard/messages`);
});

test('a deep link comes back to the same page and query', async ({ person, page }) => {
  await person.open('/dashboard/contacts?q=an&page=2');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to continue');
  await person.startSignIn();
  await person.finishSignIn();
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard/contacts?q=an&page=2`);
  await expect(page.getByRole('combobox')).toHaveValue('an');
});

test('a wrong password gets a clear message, and the right one then works', async ({ person, page }) => {
  await person.open('/');
  await person.startSignIn();
  await person.enterPassword('not-the-password');
  await expect(page.getByRole('alert')).toContainText('do not match');
  await expect(page.getByLabel('E-mail address')).toHaveValue(person.email);
  await person.finishSignIn();
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard`);
});

for (const count of [2, 5])
  test(`CB-08: ${count} tabs that sign in at once all finish, each on its own page`, async ({
    person,
    context,
  }) => {
    const paths = [
      '/dashboard/contacts?q=an',
      '/dashboard/messages',
      '/dashboard/access',
      '/dashboard/session',
      '/dashboard',
    ].slice(0, count);
    const tabs = await Promise.all(paths.map(async () => person.at(await context.newPage())));
    for (const [index, tab] of tabs.entries()) {
      await tab.open(paths[index] ?? '');
      await tab.startSignIn();
      await tab.page.getByLabel('Password').waitFor();
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.finishSignIn();
      await expect(tab.page).toHaveURL(tab.stack.appOrigin + (paths[index] ?? ''));
    }
  });

test('CB-05: Back and reload after signing in stay in the application', async ({ person, page }) => {
  await person.signIn('/dashboard/messages');
  const callback = new Promise<string>((resolve) => {
    page.on('request', (request) => request.url().includes('/auth/callback/') && resolve(request.url()));
  });
  await person.signOut();
  await person.signIn('/dashboard/messages');
  await page.goto(await callback);
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard/messages`);
  await page.reload();
  await expect(page).toHaveURL(`${person.stack.appOrigin}/dashboard/messages`);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(page.url()).not.toContain('code=');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('CB-31: signing in, reading, posting and signing out all work', async ({ person, page }) => {
    await person.signIn('/dashboard/messages');
    const text = `Written without scripts, ${Date.now()}`;
    await page.getByLabel('New message').fill(text);
    await page.getByRole('button', { name: 'Post message' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: text })).toBeVisible();
    await person.open('/dashboard/contacts');
    await page.getByRole('searchbox').fill('an');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page).toHaveURL(/q=an/);
    await person.signOut();
    await person.open('/dashboard');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to continue');
  });
});
