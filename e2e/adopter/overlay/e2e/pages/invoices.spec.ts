/** The invoices page with whatever the API says, without an authorization server. */
import { expect, test } from './kit';

const invoice = { id: 'i_1', customer: 'Ada Lovelace', total_cents: 120_000, paid: false };

test('lists the invoices of the user', async ({ page, signInAs, api }) => {
  const items = [{ ...invoice, issued_at: '2026-03-12T12:00:00Z' }];
  api.on('GET /invoices', { items, page: 1, per_page: 20, total: 1 });
  await signInAs({ subject: 'grace', permissions: ['read:invoices'] });
  await page.goto('./dashboard/invoices');
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await expect(page.getByText('€1,200.00')).toBeVisible();
  expect(api.requests.map(({ subject }) => subject)).toEqual(['grace']);
});
