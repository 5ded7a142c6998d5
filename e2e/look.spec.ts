/** What every page must be to everybody: readable, reachable by keyboard, free of script errors, steady at any width. */
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

for (const colorScheme of ['light', 'dark'] as const)
  test(`every page passes axe, fits 320 px and says nothing in the console (${colorScheme})`, async ({
    person,
    page,
  }) => {
    test.setTimeout(900_000);
    const complaints: string[] = [];
    page.on(
      'console',
      (message) =>
        message.type() === 'error' && !/404|403/.test(message.text()) && complaints.push(message.text()),
    );
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.emulateMedia({ colorScheme });
    // By night nothing but colours is another.
    const inspect = colorScheme === 'light' ? inspectAll : inspectColours;
    for (const path of publicPaths) await inspect(page, person.stack.appOrigin + path);
    await person.signIn();
    for (const path of privatePaths) await inspect(page, person.stack.appOrigin + path);
    await inspect(page, `${person.stack.appOrigin}/dashboard/contacts`, async () => {
      await page.getByRole('combobox').fill('an');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('ArrowDown');
    });
    await page.getByRole('navigation').getByRole('link', { name: 'Contacts' }).first().click();
    await page.getByRole('table').getByRole('link').first().click();
    await page.waitForURL(/\/dashboard\/contacts\/.+/);
    await inspect(page, page.url());
    expect(complaints).toEqual([]);
  });

type Inspect = (page: Page, address: string, prepare?: () => Promise<void>) => Promise<void>;

const inspectColours: Inspect = async (page, address, prepare = async () => {}) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(address);
  await prepare();
  await expectNoViolations(new AxeBuilder({ page }).withTags('cat.color'), address);
};

const inspectAll: Inspect = async (page, address, prepare = async () => {}) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(address);
  await prepare();
  await expectNoViolations(new AxeBuilder({ page }), address);
  await page.setViewportSize({ width: 320, height: 700 });
  const overflow = await page.evaluate(() =>
    Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
  );
  expect({ address, overflow }).toEqual({ address, overflow: 0 });
};

async function expectNoViolations(axe: AxeBuilder, address: string): Promise<void> {
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect({ address, found }).toEqual({ address, found: [] });
}

test('HD-08: no page asks any other origin for anything', async ({ person, page }) => {
  const foreign: string[] = [];
  const { appOrigin, settings } = person.stack;
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && ![appOrigin, settings.issuer].includes(origin))
      foreign.push(request.url());
  });
  await person.signIn();
  for (const path of ['/', ...privatePaths]) await person.open(path);
  expect(foreign).toEqual([]);
});

test('everything can be done by keyboard, starting with a way past the navigation', async ({
  person,
  page,
}) => {
  await person.signIn('/dashboard/contacts');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: /skip/i })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox')).toBeFocused();
});
