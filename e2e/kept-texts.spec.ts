/** What is typed into a form and not sent: kept through deployments, dead networks, gateways and reloads, and sent once. */
import type { Page, Route } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { list, messages } from './support/messages-page.ts';
import { grace } from './support/test-stack.ts';

const field = (page: Page) => page.getByLabel('New message');
const unsent = (page: Page) => page.getByRole('status').filter({ hasText: 'Not sent yet' });
const posted = (page: Page) => page.getByRole('status').filter({ hasText: 'Your message is posted.' });
const send = (page: Page) => page.getByRole('button', { name: 'Post message' }).click();
const isPost = (route: Route) => route.request().method() === 'POST';

/** Does something else with the first posts of the page; later ones reach the server. */
async function divertPosts(page: Page, times: number, divert: (route: Route) => Promise<void>) {
  const posts = { sent: 0 };
  await page.route(`**${messages}`, async (route) => {
    if (!isPost(route)) return route.continue();
    posts.sent += 1;
    return posts.sent <= times ? divert(route) : route.continue();
  });
  return posts;
}

/** As a page of the build before asks: this action exists no more. */
const asOldBuild = (route: Route) =>
  route.continue({ headers: { ...route.request().headers(), 'next-action': `7f${'0'.repeat(40)}` } });

async function expectPostedOnce(page: Page, text: string): Promise<void> {
  await expect(posted(page)).toBeVisible();
  await expect(field(page)).toHaveValue('');
  await page.reload();
  await expect(list(page).filter({ hasText: text })).toHaveCount(1);
  await expect(field(page)).toHaveValue('');
}

function countLoads(page: Page) {
  const loads = { count: 0 };
  // When the document is asked for: its `load` comes later than what it shows.
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) loads.count += 1;
  });
  return loads;
}

test('a message that was typed on the build before is posted by the new one, after one reload', async ({
  user,
  page,
}) => {
  await user.signIn(messages);
  const text = `Across a deployment ${Date.now()}`;
  await divertPosts(page, 1, asOldBuild);
  await field(page).fill(text);
  const loads = countLoads(page);
  await send(page);
  await expect(posted(page)).toBeVisible();
  expect(loads.count).toBe(1);
  await expectPostedOnce(page, text);
});

test('while every server still runs another build, the page is loaded again once, and the text stays', async ({
  user,
  page,
}) => {
  await user.signIn(messages);
  const text = `Between two builds ${Date.now()}`;
  const posts = await divertPosts(page, Number.POSITIVE_INFINITY, asOldBuild);
  await field(page).fill(text);
  const loads = countLoads(page);
  await send(page);
  await expect(unsent(page)).toBeVisible();
  await expect.poll(() => posts.sent).toBeGreaterThan(2);
  await expect(field(page)).toHaveValue(text);
  expect(loads.count).toBe(1);
  await page.unroute(`**${messages}`);
  await expectPostedOnce(page, text);
});

test.describe('a post without a response stays in the form, and is sent again by itself, once', () => {
  const ways: [string, (route: Route) => Promise<void>][] = [
    ['that met a dead network', (route) => route.abort('connectionrefused')],
    [
      'that a gateway answered with 502',
      (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }),
    ],
    [
      'that arrived, and whose response was lost',
      async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      },
    ],
  ];
  for (const [name, divert] of ways)
    test(`one ${name}`, async ({ user, page }) => {
      await user.signIn(messages);
      const text = `Sent in spite of everything ${Date.now()}`;
      await divertPosts(page, 2, divert);
      await field(page).fill(text);
      await send(page);
      await expect(unsent(page)).toBeVisible();
      await expect(field(page)).toHaveValue(text);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Messages');
      await expectPostedOnce(page, text);
    });
});

test('when the network is back, the message is sent at once', async ({ user, page, context }) => {
  await user.signIn(messages);
  const text = `From the train ${Date.now()}`;
  await field(page).fill(text);
  await context.setOffline(true);
  await send(page);
  await expect(unsent(page)).toBeVisible();
  await context.setOffline(false);
  await expectPostedOnce(page, text);
});

test('after a reload one click sends it, with the same key', async ({ user, page }) => {
  await user.signIn(messages);
  const text = `Sent before and after a reload ${Date.now()}`;
  await divertPosts(page, Number.POSITIVE_INFINITY, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await field(page).fill(text);
  await send(page);
  await expect(unsent(page)).toBeVisible();
  await page.unroute(`**${messages}`);
  await page.reload();
  await expect(unsent(page)).toBeVisible();
  await expect(field(page)).toHaveValue(text);
  await send(page);
  await expectPostedOnce(page, text);
});

test('a text outlives a reload, Back and other pages, and one that was removed stays away', async ({
  user,
  page,
}) => {
  await user.signIn(messages);
  const text = `Half a sentence ${Date.now()}`;
  await field(page).pressSequentially(text);
  await page.reload();
  await expect(field(page)).toHaveValue(text);
  await expect(page.getByRole('status').filter({ hasText: 'Your unsent message was kept.' })).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Contacts' }).first().click();
  await expect(page.getByRole('table')).toBeVisible();
  await page.goBack();
  await expect(field(page)).toHaveValue(text);
  await user.open('/nowhere');
  await page.goBack();
  await expect(field(page)).toHaveValue(text);
  await field(page).fill('');
  await page.reload();
  await expect(field(page)).toHaveValue('');
});

test('a text is never shown to another user of the browser, and gone after signing out', async ({
  user,
  page,
  context,
}) => {
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('kept')));
  await user.signIn(messages);
  await field(page).fill('Only for Ada');
  await context.clearCookies();
  await user.as(grace).signIn(messages);
  await expect(field(page)).toHaveValue('');
  await expect(page.getByText('Only for Ada')).toHaveCount(0);
  expect(await kept()).toHaveLength(1);
  await context.clearCookies();
  // Any site can lead here, and no user has signed out.
  await page.goto(`${new URL(page.url()).origin}/signed-out`);
  expect(await kept()).toHaveLength(1);
  await user.signIn(messages);
  await expect(field(page)).toHaveValue('Only for Ada');
  await user.signOut();
  expect(await kept()).toEqual([]);
});

test('deleting that meets a dead network says so, and leaves the page as it is', async ({ user, page }) => {
  await user.signIn(messages);
  await field(page).fill('Half a sentence');
  const first = list(page).first();
  const text = (await first.getByRole('paragraph').nth(1).textContent()) ?? '';
  await divertPosts(page, 1, (route) => route.abort('connectionrefused'));
  await first.getByText('Delete …').click();
  await first.getByRole('button', { name: 'Delete message' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Not deleted yet' })).toBeVisible();
  await expect(field(page)).toHaveValue('Half a sentence');
  await first.getByRole('button', { name: 'Delete message' }).click();
  await expect(list(page).filter({ hasText: text })).toHaveCount(0);
  await expect(field(page)).toHaveValue('Half a sentence');
});

/** Scripts that are loaded already are not asked for again. */
const chunks = '**/_next/static/chunks/**';
const asGone = (route: Route) => route.fulfill({ status: 404, body: 'gone' });
/** As a link of the framework's, which an adopter may use, or an action that leads to another page. */
const openMessages = (page: Page) =>
  page.evaluate(
    (path) =>
      (window as unknown as { next: { router: { push(path: string): void } } }).next.router.push(path),
    messages,
  );

test('scripts that never arrive: the page is there, and its form works without them', async ({
  user,
  page,
}) => {
  await user.signIn('/dashboard');
  await page.route(chunks, asGone);
  await page.getByRole('navigation').getByRole('link', { name: 'Messages' }).first().click();
  await field(page).fill('Written without scripts');
  await send(page);
  await expect(list(page).first()).toContainText('Written without scripts');
});

test('scripts of the build before are gone: the page is loaded again, once', async ({ user, page }) => {
  await user.signIn('/dashboard');
  const loads = countLoads(page);
  await page.route(chunks, (route) => (loads.count === 0 ? asGone(route) : route.continue()));
  await openMessages(page);
  await expect(field(page)).toBeVisible();
  expect(loads.count).toBe(1);
});

test('scripts stay away after the page was loaded again: an error page, and no loop', async ({
  user,
  page,
}) => {
  await user.signIn('/dashboard');
  await page.evaluate(() => sessionStorage.setItem('strongroom-reloaded-at', String(Date.now())));
  const loads = countLoads(page);
  await page.route(chunks, asGone);
  await openMessages(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This page could not be shown');
  await expect(page.getByText('nothing was changed')).toHaveCount(0);
  expect(loads.count).toBe(0);
  await page.unroute(chunks);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(field(page)).toBeVisible();
});
