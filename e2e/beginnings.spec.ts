/** How signing in begins: with a session that is there already, in a tab that waits, on a section of a page. */
import { expect, test } from './support/fixtures.ts';

test('CB-05: the sign-in page, opened with a live session, leads on to the page that was wanted', async ({
  user,
  page,
}) => {
  await user.signIn();
  await user.open('/sign-in?return_to=%2Fdashboard%2Fcontacts%3Fq%3Dan#list');
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/contacts?q=an#list`);
});

test('CB-08: a tab that waits at the sign-in page goes on by itself when the user has signed in in another', async ({
  user,
  context,
}) => {
  const waiting = user.at(await context.newPage());
  await waiting.open('/dashboard/messages#newest');
  await expect(waiting.page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
  await user.signIn('/dashboard/contacts');
  await expect(waiting.page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages#newest`);
  await expect(waiting.page.getByRole('heading', { level: 1 })).toHaveText('Messages');
});

test('RD-06: the section of a page survives the sign-in, and no other server is told', async ({
  user,
  page,
}) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(user.stack.appOrigin)) elsewhere.push(decodeURIComponent(request.url()));
  });
  await user.open('/dashboard/messages?page=2#a-section');
  await expect(page).toHaveURL(/\/sign-in\?.*#a-section$/);
  await expect(page.getByRole('link', { name: 'Sign in to continue' })).toHaveAttribute(
    'href',
    /%23a-section/,
  );
  await user.startSignIn();
  await user.completeSignIn();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages?page=2#a-section`);
  expect(elsewhere.length).toBeGreaterThan(0);
  expect(elsewhere.filter((address) => address.includes('a-section'))).toEqual([]);
});
