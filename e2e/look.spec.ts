/** What every page must be for every user: readable, usable by keyboard, free of script errors, steady at any width. */
import type { Locator, Page } from '@playwright/test';
import axe from 'axe-core';
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
  // The first one of a session fetches the token for the calendar on its way.
  await page.getByRole('heading', { name: 'What you have planned together' }).waitFor();
  await inspect(page);
  expect(complaints).toEqual([]);
});

async function inspect(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 });
  // A page of ours has no frames: axe can be put in and asked directly, which takes a quarter of the time.
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // By night nothing but colours is another.
    const violations = await page.evaluate(findViolations, colorScheme === 'light' ? [] : ['cat.color']);
    expect({ address: page.url(), colorScheme, violations }).toMatchObject({ violations: [] });
  }
  await page.setViewportSize({ width: 320, height: 700 });
  const overflow = await page.evaluate(() =>
    Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
  );
  expect({ address: page.url(), overflow }).toEqual({ address: page.url(), overflow: 0 });
}

/** Runs within the page. No tags: every rule. */
async function findViolations(tags: string[]): Promise<unknown[]> {
  const { axe: inside } = globalThis as unknown as { axe: typeof axe };
  const { violations } = await inside.run(tags.length > 0 ? { runOnly: tags } : {});
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
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

test('at 320 px the number of a page stays in one line, and a long address keeps off the rule below it', async ({
  user,
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await user.openSignedIn('/dashboard/contacts?page=10');
  expect((await linesOf(page.getByText(/^Page 10 of \d+$/))).length).toBe(1);
  await user.open('/dashboard/contacts');
  await page.getByRole('table').getByRole('link').first().click();
  const address = page.getByRole('link', { name: /@/ });
  const lines = await linesOf(address);
  expect(lines.length).toBeGreaterThan(1);
  const ruleBelow = await address.evaluate(
    (link) => link.closest('div')?.getBoundingClientRect().bottom ?? 0,
  );
  expect(ruleBelow - (lines.at(-1) ?? 0)).toBeGreaterThanOrEqual(8);
});

test('at 320 px suggestions are as wide as the page, not as the field, and the page no wider', async ({
  user,
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await user.openSignedIn('/dashboard/contacts');
  await page.getByRole('combobox').fill('an');
  const list = page.getByRole('listbox', { name: 'Suggestions' });
  await expect(list).toBeVisible();
  expect((await list.boundingBox())?.width).toBeGreaterThan(240);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test('at every width the name of the user stands beside that of the product', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/session');
  const banner = page.getByRole('banner');
  for (const width of [320, 640, 768, 1023, 1024, 1440]) {
    await page.setViewportSize({ width, height: 700 });
    const middles = [
      banner.getByRole('link', { name: 'Strongroom' }),
      banner.getByTitle('Ada Lindqvist'),
    ].map(async (part) => {
      const { y, height } = (await part.boundingBox()) ?? { y: 0, height: 0 };
      return Math.round(y + height / 2);
    });
    const [product = 0, name = 0] = await Promise.all(middles);
    expect({ width, offBy: Math.abs(product - name) <= 2 ? 0 : product - name }).toEqual({ width, offBy: 0 });
  }
});

/** Where each line of a text ends, from above. */
function linesOf(text: Locator): Promise<number[]> {
  return text.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom)))];
  });
}
