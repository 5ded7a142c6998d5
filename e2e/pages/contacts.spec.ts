/** The contacts page with whatever the API says: what an adopter's own tests look like. */
import { expect, test } from './kit';

const ada = {
  ...{ id: 'c_ada', name: 'Ada Lovelace', email: 'ada@example.test', phone: '+44 20 7946 0001' },
  ...{ company: 'Engines', role: 'Author', city: 'London', country: 'GB', notes: '' },
  updated_at: '2026-03-12T12:00:00Z',
};

test('shows what the API has, for the user who asked', async ({ page, signInAs, api }) => {
  api.on('GET /contacts', { items: [ada], page: 1, per_page: 20, total: 1 });
  await signInAs({ subject: 'grace', name: 'Grace Hopper', permissions: ['read:contacts'] });
  await page.goto('./dashboard/contacts');
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('Grace Hopper');
  expect(api.requests.at(-1)).toMatchObject({ path: '/contacts', subject: 'grace' });
});

test('offers the permission that the API wants', async ({ page, signInAs, api }) => {
  const headers = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read:contacts"' };
  api.on('GET /contacts', new Response(null, { status: 403, headers }));
  await signInAs({ permissions: [] });
  await page.goto('./dashboard/contacts');
  await expect(page.getByRole('link', { name: /Read your contacts/ })).toBeVisible();
});

test('asks to sign in without a session, and after its end', async ({ page, signInAs }) => {
  await page.goto('./dashboard/contacts');
  await expect(page.getByRole('heading', { name: 'Please sign in' })).toBeVisible();
  await signInAs({ expiresInSec: -1 });
  await page.goto('./dashboard/contacts');
  await expect(page.getByRole('heading', { name: 'Your session has ended' })).toBeVisible();
});
