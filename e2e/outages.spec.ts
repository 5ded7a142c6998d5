/** When a server is down: the frame stays, no user is signed out, and each page says what to do. */
import { expect, test } from './support/fixtures.ts';
import { editContextSession } from './support/seals.ts';

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

/** No page can say when the session began. */
const beginAfterAllTimes = (session: object) => ({ ...session, startedAtMs: 8_700_000_000_000_000 });
const push = (path: string) =>
  (window as unknown as { next: { router: { push(path: string): void } } }).next.router.push(path);

test('a page that fails says so in its title, keeps the way out, and has its own title when it works again', async ({
  user,
  page,
  context,
}) => {
  const heading = page.getByRole('heading', { level: 1 });
  await user.openSignedIn('/dashboard');
  await editContextSession(user.stack, context, beginAfterAllTimes);
  await user.open('/dashboard/session');
  await expect(heading).toHaveText('This page could not be shown');
  await expect(page).toHaveTitle('Problem · Strongroom');
  await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('It does not sign you out.');
  const reference = /\d+/.exec((await page.getByText(/^Reference/).textContent()) ?? '')?.[0];
  expect(user.stack.appEvents('request_failed').at(-1)?.reference).toBe(reference);
  await user.open('/dashboard/contacts');
  await page.evaluate(push, '/dashboard/session');
  await expect(heading).toHaveText('This page could not be shown');
  await expect(page).toHaveTitle('Problem · Strongroom');
  await editContextSession(user.stack, context, (session) => ({ ...session, startedAtMs: Date.now() }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(heading).toHaveText('Session');
  await expect(page).toHaveTitle('Session · Strongroom');
  await expect(page.getByRole('banner')).toContainText('Ada Lindqvist');
});

test('a public page that fails does not speak of a session that its reader may not have', async ({
  user,
  page,
  context,
}) => {
  await user.openSignedIn('/dashboard');
  const withoutAddress = (session: { user?: object }) => ({
    ...session,
    user: { ...session.user, picture: 'nowhere' },
  });
  await editContextSession(user.stack, context, withoutAddress);
  await user.open('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This page could not be shown');
  await expect(page).toHaveTitle('Problem · Strongroom');
  await expect(page.getByRole('main')).toContainText('If you are signed in, you stay so.');
  await expect(page.getByText('does not sign you out')).toHaveCount(0);
});
