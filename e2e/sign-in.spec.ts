/** Signing in: again, declined, from a deep link, with a wrong password, in many tabs, without JavaScript. */
import { expect, test } from './support/fixtures.ts';

test('the second sign-in asks for no consent', async ({ user, page }) => {
  await user.signIn();
  await user.signOut();
  await user.open('/');
  await user.startSignIn();
  await user.enterPassword();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard`);
});

test('a user who declines is told that nothing was shared, and can try again', async ({
  newcomer: user,
  page,
}) => {
  await user.open('/dashboard/messages');
  await user.startSignIn();
  await user.enterPassword();
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Access was not granted');
  await expect(page.getByRole('main')).toContainText(/Nothing was shared/i);
  await expect(page.getByText(/Reference/)).toHaveText(/[2-9A-Z]{4}-[2-9A-Z]{4}/);
  await user.startSignIn();
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages`);
});

test('a deep link comes back to the same page and query', async ({ user, page }) => {
  await user.open('/dashboard/contacts?q=an&page=2');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
  await user.startSignIn();
  await user.completeSignIn();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/contacts?q=an&page=2`);
  await expect(page.getByRole('combobox')).toHaveValue('an');
});

test('a wrong password gets a clear message, and the right one then works', async ({ user, page }) => {
  await user.open('/');
  await user.startSignIn();
  await user.enterPassword('not-the-password');
  await expect(page.getByRole('alert')).toContainText('do not match');
  await expect(page.getByLabel('E-mail address')).toHaveValue(user.email);
  await user.completeSignIn();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard`);
});

for (const count of [2, 5])
  test(`CB-08: ${count} tabs that sign in at once all complete, each on its own page`, async ({
    user,
    context,
  }) => {
    const paths = [
      '/dashboard/contacts?q=an',
      '/dashboard/messages',
      '/dashboard/access',
      '/dashboard/session',
      '/dashboard',
    ].slice(0, count);
    const tabs = await Promise.all(paths.map(async () => user.at(await context.newPage())));
    for (const [index, tab] of tabs.entries()) {
      await tab.open(paths[index] ?? '');
      await tab.startSignIn();
      await tab.page.getByLabel('Password').waitFor();
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.completeSignIn();
      await expect(tab.page).toHaveURL(tab.stack.appOrigin + (paths[index] ?? ''));
    }
  });

test('CB-05: Back and reload after signing in stay in the application', async ({ user, page }) => {
  await user.signIn('/dashboard/messages');
  const callback = new Promise<string>((resolve) => {
    page.on('request', (request) => request.url().includes('/auth/callback/') && resolve(request.url()));
  });
  await user.signOut();
  await user.signIn('/dashboard/messages');
  await page.goto(await callback);
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages`);
  await page.reload();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages`);
  await user.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(page.url()).not.toContain('code=');
});

test('CB-01: no entry of the history and no entry of the timeline holds the callback or its code', async ({
  user,
  page,
}) => {
  const shown: string[] = [];
  const asked: string[] = [];
  page.on('framenavigated', (frame) => shown.push(frame.url()));
  page.on('request', (request) => asked.push(request.url()));
  await user.signIn('/dashboard/contacts');
  const client = await page.context().newCDPSession(page);
  const { entries, currentIndex: last } = await client.send('Page.getNavigationHistory');
  const currentIndex = async () => (await client.send('Page.getNavigationHistory')).currentIndex;
  // Back to our first page, past the empty one that the browser began with.
  const first = 1;
  const steps = last - first;
  expect(last).toBe(entries.length - 1);
  expect(steps).toBeGreaterThan(0);
  for (let step = 0; step < steps; step += 1) await user.goBack();
  // Our first page was the sign-in page, which leads on now.
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/contacts`);
  expect(await currentIndex()).toBe(first);
  for (let step = 0; step < steps; step += 1) await user.goForward();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/contacts`);
  expect(await currentIndex()).toBe(last);
  await expect(page.getByRole('table')).toBeVisible();
  const timeline = await page.evaluate(() => [
    ...performance.getEntries().map(({ name }) => name),
    document.referrer,
    location.href,
  ]);
  const secret = /\/auth\/callback|[?&](code|state)=/;
  // It was there on the way.
  expect(asked.some((address) => secret.test(address))).toBe(true);
  expect(shown.length).toBeGreaterThan(2 * steps);
  const kept = [...entries.flatMap(({ url, userTypedURL }) => [url, userTypedURL]), ...shown, ...timeline];
  expect(kept.filter((address) => secret.test(address))).toEqual([]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('CB-31: signing in, reading, posting and signing out all work', async ({ user, page }) => {
    await user.signIn('/dashboard/messages');
    const text = `Written without scripts, ${Date.now()}`;
    await page.getByLabel('New message').fill(text);
    await page.getByRole('button', { name: 'Post message' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: text })).toBeVisible();
    await user.open('/dashboard/contacts');
    await page.getByRole('searchbox').fill('an');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page).toHaveURL(/q=an/);
    await user.signOut();
    await user.open('/dashboard');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
  });
});
