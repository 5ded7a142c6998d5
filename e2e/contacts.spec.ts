/** Finding a person. */
import { expect, test } from './support/fixtures.ts';

test('search answers while typing, pages lead on, and a contact has a page of its own', async ({
  person,
  page,
}) => {
  await person.signIn('/dashboard/contacts');
  const table = page.getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(21);
  await page.getByRole('searchbox').pressSequentially('an', { delay: 20 });
  await expect(page).toHaveURL(/q=an/);
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.getByRole('link', { name: /next/i }).click();
  await expect(page).toHaveURL(/page=2/);
  const first = table.getByRole('link').first();
  const name = (await first.textContent()) ?? '';
  await first.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name.trim());
});

test('nothing found and no such contact are said, not broken', async ({ person, page }) => {
  await person.signIn('/dashboard/contacts?q=zzzzqqqq');
  await expect(page.getByRole('main')).toContainText(/no contact|nobody/i);
  await person.open('/dashboard/contacts/c_doesnotexist00');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/not|no /i);
  await expect(page.getByRole('link', { name: /contacts|overview|home/i }).first()).toBeVisible();
});
