/** A contact's picture: uploaded by its user, and seen by nobody else. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { sessionCookieShape } from './support/seals.ts';
import { grace } from './support/test-stack.ts';
import type { User } from './support/user.ts';

const gateway = '**/api/gateway/**';
/** One pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const picture = (page: Page) => page.getByRole('main').locator('img');
const state = (page: Page) => page.getByRole('main').getByRole('status');

async function openContact(user: User): Promise<void> {
  const { page } = user;
  await user.openSignedIn('/dashboard/contacts');
  await page.getByRole('rowheader').first().getByRole('link').click();
  await page.waitForURL(/\/dashboard\/contacts\/c_/);
}

async function upload(page: Page, buffer: Buffer, name = 'picture.png', mimeType = 'image/png') {
  await page.getByLabel('Picture', { exact: true }).setInputFiles({ name, mimeType, buffer });
  await page.getByRole('button', { name: 'Upload picture' }).click();
}

/** Whether the browser has drawn it. */
const widthOf = (page: Page) => picture(page).evaluate((image) => (image as HTMLImageElement).naturalWidth);

test('a picture that was uploaded is shown, and no other user sees it', async ({
  newcomer: user,
  page,
  browser,
}) => {
  await openContact(user);
  await expect(picture(page)).toHaveCount(0);
  await upload(page, png);
  await expect(state(page).filter({ hasText: 'The picture is stored.' })).toBeVisible();
  await expect.poll(() => widthOf(page)).toBe(1);
  const source = (await picture(page).getAttribute('src')) ?? '';
  await page.reload();
  await expect.poll(() => widthOf(page)).toBe(1);
  const other = await (await browser.newContext()).newPage();
  const stranger = user.as(grace).at(other);
  await stranger.openSignedIn(new URL(page.url()).pathname);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('There is no such contact');
  await expect(picture(other)).toHaveCount(0);
  const seen = await other.evaluate(async (address) => {
    const response = await fetch(address, { headers: { 'x-strongroom': '1' } });
    return response.status;
  }, source);
  expect(seen).toBe(404);
  await other.context().close();
});

test('a picture that replaces another is shown at once', async ({ newcomer: user, page }) => {
  await openContact(user);
  await upload(page, png);
  await expect.poll(() => picture(page).count()).toBe(1);
  const first = await picture(page).getAttribute('src');
  await upload(page, png);
  await expect(picture(page)).not.toHaveAttribute('src', first ?? '');
  await expect.poll(() => widthOf(page)).toBe(1);
});

test('what is no picture, or too large, is said and changes nothing', async ({ newcomer: user, page }) => {
  await openContact(user);
  const sent: string[] = [];
  page.on('request', (request) => void (request.method() === 'PUT' && sent.push(request.url())));
  await page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(state(page).filter({ hasText: 'Choose a picture first.' })).toBeVisible();
  await upload(page, Buffer.from('<script>alert(1)</script>'));
  await expect(state(page).filter({ hasText: 'PNG, JPEG or WebP file' })).toBeVisible();
  await upload(page, Buffer.concat([png, Buffer.alloc(2_000_000)]));
  await expect(state(page).filter({ hasText: 'at most 2 MB' })).toBeVisible();
  expect(sent).toEqual([]);
  await expect(picture(page)).toHaveCount(0);
  await upload(page, png, 'notes.txt', 'text/plain');
  await expect.poll(() => picture(page).count()).toBe(1);
});

test('an API that does not answer and a session that is over are said, and the choice is kept', async ({
  newcomer: user,
  page,
}) => {
  await openContact(user);
  await page.route(gateway, (route) =>
    route.fulfill({ status: 503, json: { code: 'temporarily_unavailable' } }),
  );
  await upload(page, png);
  await expect(state(page).filter({ hasText: 'Contacts is not answering.' })).toBeVisible();
  await page.unroute(gateway);
  await page.context().clearCookies({ name: sessionCookieShape });
  await page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(state(page).filter({ hasText: 'Your session has ended.' })).toBeVisible();
  await page.getByRole('link', { name: 'Sign in again', exact: true }).click();
  await page.waitForURL(/\/dashboard\/contacts\/c_/);
  await expect(picture(page)).toHaveCount(0);
});

test('without the permission it is offered where it is needed, and afterwards the picture is stored', async ({
  newcomer: user,
  page,
}) => {
  await user.signIn('/dashboard/contacts', { without: ['Change your contacts'] });
  await page.getByRole('rowheader').first().getByRole('link').click();
  await page.waitForURL(/\/dashboard\/contacts\/c_/);
  await expect(page.getByLabel('Picture', { exact: true })).toHaveCount(0);
  await page.getByRole('link', { name: 'Grant ‘Change your contacts’' }).click();
  await expect(page.getByRole('checkbox')).toHaveCount(1);
  await user.consent();
  await page.waitForURL(/\/dashboard\/contacts\/c_/);
  await upload(page, png);
  await expect.poll(() => picture(page).count()).toBe(1);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the page says that uploading needs it, and shows the contact', async ({ newcomer: user, page }) => {
    await openContact(user);
    const words = page.locator('main noscript p');
    await expect(words).toBeVisible();
    await expect(words).toContainText('Uploading a picture needs JavaScript');
    await expect(page.getByRole('button', { name: 'Upload picture' })).toHaveCount(0);
    await expect(page.getByText('Last changed')).toBeVisible();
  });
});
