/** Posting a message: nothing typed is lost, whatever happens. */
import { ageSessions } from '../sample/authorization-server/testing/age-sessions.ts';
import { expect, test } from './support/fixtures.ts';
import { sessionCookieShape } from './support/seals.ts';
import { grace } from './support/test-stack.ts';

const field = 'New message';

test('posting shows the message at the top and empties the field', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/messages');
  const text = `Lunch on Thursday? ${Date.now()} <b>&amp;</b>`;
  await page.getByLabel(field).fill(text);
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText(text);
  await expect(page.getByLabel(field)).toHaveValue('');
  await page.reload();
  await expect(page.getByRole('listitem').filter({ hasText: text })).toHaveCount(1);
});

test('own messages show the picture of their user, as the Overview does, and those of others initials', async ({
  user,
  page,
}) => {
  const items = () =>
    page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ has: page.getByRole('article') });
  await user.openSignedIn('/dashboard');
  const ownPicture = await page.getByRole('main').locator('img').first().getAttribute('src');
  for (const path of ['/dashboard', '/dashboard/messages']) {
    await user.open(path);
    const own = items().filter({ hasText: '(you)' });
    await expect(own.first().locator('img')).toHaveAttribute('src', ownPicture ?? '');
    await expect(own.first().locator('img')).toBeVisible();
    await expect(items().filter({ hasNotText: '(you)' }).locator('img')).toHaveCount(0);
  }
});

test('a text that is too long is rejected and kept, and what it says goes when the text is short enough', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/messages');
  const text = 'word '.repeat(420);
  await page.getByLabel(field).fill(text);
  await page.getByRole('button', { name: 'Post message' }).click();
  const problem = page.getByRole('status').filter({ hasText: 'at most 2,000' });
  await expect(problem).toBeVisible();
  await expect(page.getByLabel(field)).toHaveValue(text);
  await page.getByLabel(field).fill(`${text}still too long`);
  await expect(problem).toBeVisible();
  await expect(page.getByLabel(field)).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel(field).fill('Short enough');
  await expect(problem).toHaveCount(0);
  await expect(page.getByLabel(field)).not.toHaveAttribute('aria-invalid', 'true');
});

test('a text that was written while the session ended is there after signing in again', async ({
  user,
  page,
  context,
}) => {
  await user.openSignedIn('/dashboard/messages');
  const text = `Not to be lost ${Date.now()}`;
  await page.getByLabel(field).fill(text);
  await context.clearCookies({ name: sessionCookieShape });
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
  await user.startSignIn();
  await expect(page).toHaveURL(/\/dashboard\/messages/);
  await expect(page.getByLabel(field)).toHaveValue(text);
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: text })).toHaveCount(1);
});

test('a text is not posted under another name: who signed in meanwhile is asked to check it', async ({
  user,
  page,
  context,
}) => {
  await user.openSignedIn('/dashboard/messages');
  await page.getByLabel(field).fill('Written by Ada');
  await context.clearCookies();
  await user
    .as(grace)
    .at(await context.newPage())
    .openSignedIn('/dashboard/messages');
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(
    page.getByRole('status').filter({ hasText: 'You are now signed in as Grace Okafor' }),
  ).toBeVisible();
  await expect(page.getByLabel(field)).toHaveValue('Written by Ada');
  await expect(page.getByRole('listitem').filter({ hasText: 'Written by Ada' })).toHaveCount(0);
});

test('RC-06: deleting says so, and what is being written meanwhile stays', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/messages');
  await page.getByLabel(field).fill('Half a sentence');
  const first = page.getByRole('main').getByRole('listitem').first();
  const text = (await first.getByRole('paragraph').nth(1).textContent()) ?? '';
  await first.getByText('Delete …').click();
  await first.getByRole('button', { name: 'Delete message' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The message is deleted.' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: text })).toHaveCount(0);
  await expect(page.getByLabel(field)).toHaveValue('Half a sentence');
});

test('RC-06: deleting after an old sign-in asks to sign in again, deletes, and keeps what was being written', async ({
  user,
  page,
  context,
}) => {
  await user.openSignedIn('/dashboard/messages');
  ageSessions(user.stack.settings.stateFolder, 600);
  await context.clearCookies({ name: sessionCookieShape });
  await user.open('/dashboard/messages');
  await user.startSignIn();
  await page.getByLabel(field).fill('Half a sentence');
  const first = page.getByRole('main').getByRole('listitem').first();
  await first.getByText('Delete …').click();
  await first.getByRole('button', { name: 'Delete message' }).click();
  await page.getByRole('link', { name: 'Sign in again and delete' }).click();
  await user.enterPassword();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The message is deleted');
  await page.getByRole('link', { name: 'Back to Messages' }).click();
  await expect(page.getByLabel(field)).toHaveValue('Half a sentence');
});
