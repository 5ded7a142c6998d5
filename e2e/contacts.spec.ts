/** Finding a person. */
import { expect, test } from './support/fixtures.ts';

const gatewayRequests = '**/api/gateway/**';

test('typing suggests contacts, and one of them opens by keyboard alone', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/contacts');
  const field = page.getByRole('combobox', { name: 'Search by name, company or e-mail' });
  await field.pressSequentially('an', { delay: 20 });
  const options = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option');
  await expect(options).toHaveCount(6);
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await expect(field).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  const chosen = options.first();
  await expect(field).toHaveAttribute('aria-activedescendant', (await chosen.getAttribute('id')) ?? '');
  await expect(field).toHaveValue('an');
  const name = (await chosen.locator('span').first().textContent()) ?? '';
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/dashboard\/contacts\/c_/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name.trim());
  await expect(page).toHaveTitle(`${name.trim()} · Contacts · Strongroom`);
});

test('RF-01: a click that needs the first token of another API shows its part too, and the console nothing', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/contacts');
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const refreshes: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/auth/refresh') refreshes.push(request.resourceType());
  });
  await page.getByRole('table').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'What you have planned together' })).toBeVisible();
  await expect(page).toHaveURL(/\/dashboard\/contacts\/c_/);
  expect(refreshes).toEqual(['document']);
  expect(complaints).toEqual([]);
});

test('Enter without a choice searches the list, pages lead on, and Back leads back', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/contacts');
  const table = page.getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(21);
  const field = page.getByRole('combobox');
  await field.pressSequentially('an');
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/contacts\?q=an$/);
  await expect(page.getByRole('main')).toContainText('contacts for “an”');
  await expect(page.getByRole('listbox')).toBeHidden();
  await expect(field).toBeFocused();
  await page.getByRole('link', { name: /next/i }).click();
  await expect(page).toHaveURL(/page=2/);
  await user.goBack();
  await user.goBack();
  await expect(page).toHaveURL(/\/contacts$/);
  await expect(field).toHaveValue('');
  await expect(table.getByRole('row')).toHaveCount(21);
});

test('Escape closes the suggestions and keeps the text; the arrow brings them back; a click opens one', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/contacts');
  const field = page.getByRole('combobox');
  await field.pressSequentially('an');
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('listbox')).toBeHidden();
  await expect(field).toHaveValue('an');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option').last().click();
  await expect(page).toHaveURL(/\/dashboard\/contacts\/c_/);
});

test('fast typing asks once for what counts, and a late answer to an older question is not shown', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/contacts');
  const contactName = (await page.getByRole('rowheader').nth(5).getByRole('link').textContent()) ?? '';
  const asked: string[] = [];
  const held = Promise.withResolvers<void>();
  await page.route(gatewayRequests, async (route) => {
    const query = new URL(route.request().url()).searchParams.get('q') ?? '';
    asked.push(query);
    if (query === 'zz') await held.promise;
    await route.continue().catch(() => {});
  });
  const field = page.getByRole('combobox');
  /** The page's clock stands still meanwhile: however slowly the keys come, they come fast. */
  const typeFast = async (text: string) => {
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
    await field.pressSequentially(text);
    await page.clock.resume();
  };
  await page.clock.install();
  await typeFast('zz');
  await expect.poll(() => asked).toEqual(['zz']);
  await field.clear();
  await typeFast(contactName);
  await expect(page.getByRole('option', { name: contactName }).first()).toBeVisible();
  held.resolve();
  await page.evaluate(() => fetch('/healthz'));
  await expect(page.getByRole('option', { name: contactName }).first()).toBeVisible();
  expect(asked).toEqual(['zz', contactName]);
});

test('nobody, no answer and no session are said beside the field, and searching still works', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard/contacts');
  const field = page.getByRole('combobox');
  const state = page.getByRole('search').getByRole('status');
  await field.fill('zzzzqqqq');
  await expect(state).toHaveText('Nobody matches “zzzzqqqq”.');
  await page.route(gatewayRequests, (route) =>
    route.fulfill({ status: 503, json: { code: 'temporarily_unavailable' } }),
  );
  await field.fill('an');
  await expect(state).toHaveText('Suggestions are not available. Search still works.');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/q=an/);
  await expect(page.getByRole('main')).toContainText('contacts for “an”');
  await page.unroute(gatewayRequests);
  await page.context().clearCookies();
  await field.fill('ana');
  await expect(state).toHaveText('Your session has ended. Sign in again');
  const link = state.getByRole('link', { name: 'Sign in again' });
  await expect(link).toHaveAttribute('href', /return_to=%2Fdashboard%2Fcontacts%3Fq%3Dan/);
});

test('LK-01: the browser asks our own origin, and no token is in what it is told', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/contacts');
  const contactName = (await page.getByRole('rowheader').first().getByRole('link').textContent()) ?? '';
  const answered = page.waitForResponse(gatewayRequests);
  await page.getByRole('combobox').fill(contactName);
  const response = await answered;
  expect(new URL(response.url()).origin).toBe(user.stack.appOrigin);
  const text = `${JSON.stringify(await response.headers())}${await response.text()}`;
  expect(text).toContain(contactName);
  expect(text).not.toMatch(/eyJ[\w-]{20,}|Bearer/);
});

test('what was typed before the scripts were there is kept, with the focus', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/access');
  const scripts = Promise.withResolvers<void>();
  await page.route('**/_next/static/**/*.js', async (route) => {
    await scripts.promise;
    await route.continue();
  });
  await page.goto(`${user.stack.appOrigin}/dashboard/contacts`, { waitUntil: 'commit' });
  await page.getByRole('searchbox').pressSequentially('an');
  scripts.resolve();
  await expect(page.getByRole('combobox')).toHaveValue('an');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('a');
  await expect(page.getByRole('option').first()).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the form searches, and nothing else is in it', async ({ user, page }) => {
    await user.openSignedIn('/dashboard/contacts');
    await page.getByRole('searchbox').fill('an');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page).toHaveURL(/\/contacts\?q=an$/);
    await expect(page.getByRole('main')).toContainText('contacts for “an”');
    await expect(page.getByRole('search').locator('input')).toHaveCount(1);
  });
});

test('nothing found and no such contact are said, not broken', async ({ user, page }) => {
  await user.openSignedIn('/dashboard/contacts?q=zzzzqqqq');
  await expect(page.getByRole('main')).toContainText(/no contact|nobody/i);
  await user.open('/dashboard/contacts/c_doesnotexist00');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/not|no /i);
  await expect(page.getByRole('link', { name: /contacts|overview|home/i }).first()).toBeVisible();
});
