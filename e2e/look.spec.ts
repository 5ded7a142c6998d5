/** What every page must be for every user: readable, usable by keyboard, free of script errors, steady at any width. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';

const publicPaths = [
  '/',
  '/sign-in?return_to=/dashboard/messages&reason=idle',
  '/sign-in/problem?code=access_denied&ref=7KXM-Q2DZ',
  '/signed-out?left=provider',
  '/nowhere',
];
const privatePaths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/contacts?q=zzzzqq',
  '/dashboard/messages',
  '/dashboard/access',
  '/dashboard/session',
  '/dashboard/confirm',
];

test('every page passes axe by day and by night, fits 320 px and says nothing in the console', async ({
  user,
  page,
}) => {
  const complaints: string[] = [];
  page.on(
    'console',
    (message) =>
      message.type() === 'error' && !/404|403/.test(message.text()) && complaints.push(message.text()),
  );
  page.on('pageerror', (error) => complaints.push(error.message));
  const visit = async (path: string) => {
    await user.open(path);
    await inspect(page);
  };
  for (const path of publicPaths) await visit(path);
  await user.openSignedIn('/dashboard');
  for (const path of privatePaths) await visit(path);
  await user.open('/dashboard/contacts');
  await page.getByRole('combobox').fill('an');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await inspect(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Contacts' }).first().click();
  await page.getByRole('table').getByRole('link').first().click();
  await page.waitForURL(/\/dashboard\/contacts\/.+/);
  await inspect(page);
  expect(complaints).toEqual([]);
});

async function inspect(page: Page): Promise<void> {
  // A page of ours has no frames that axe would have to join.
  const axe = () => new AxeBuilder({ page }).setLegacyMode();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await expectNoViolations(page, axe());
  // By night nothing but colours is another.
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNoViolations(page, axe().withTags('cat.color'));
  await page.setViewportSize({ width: 320, height: 700 });
  const overflow = await page.evaluate(() =>
    Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
  );
  expect({ address: page.url(), overflow }).toEqual({ address: page.url(), overflow: 0 });
}

async function expectNoViolations(page: Page, axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect({ address: page.url(), found }).toEqual({ address: page.url(), found: [] });
}

test('HD-08: no page loads anything from another origin', async ({ user, page }) => {
  const otherOrigins: string[] = [];
  const { appOrigin, settings } = user.stack;
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && ![appOrigin, settings.issuer].includes(origin))
      otherOrigins.push(request.url());
  });
  await user.signIn();
  for (const path of ['/', ...privatePaths]) await user.open(path);
  expect(otherOrigins).toEqual([]);
});

test('everything can be done by keyboard, starting with a skip link', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/contacts');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: /skip/i })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox')).toBeFocused();
});
