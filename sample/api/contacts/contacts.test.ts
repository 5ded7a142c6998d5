import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from '../http/page.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Contact } from './contact.ts';
import { inventContacts, seededContacts } from './seed-contacts.ts';

let api: TestApi;
let token: string;
let expected: Contact[];
beforeAll(async () => {
  api = await startTestApi();
  token = await api.token();
  expected = inventContacts({ issuer: api.server.issuer, subject: 'user-a' });
});
afterAll(() => api[Symbol.asyncDispose]());

async function list(query = '', bearer = token): Promise<Page<Contact>> {
  const response = await api.get(`/contacts${query}`, bearer);
  expect(response.status).toBe(200);
  return (await response.json()) as Page<Contact>;
}

async function listAll(bearer = token): Promise<Contact[]> {
  const pages = await Promise.all([1, 2, 3].map((page) => list(`?per_page=100&page=${page}`, bearer)));
  return pages.flatMap((page) => page.items);
}

describe('contacts', () => {
  test('all pages together are all contacts, each once', async () => {
    const all = await listAll();
    expect(all).toHaveLength(seededContacts);
    expect(new Set(all.map((contact) => contact.id)).size).toBe(seededContacts);
    const byId = (a: Contact, b: Contact) => (a.id < b.id ? -1 : 1);
    expect(all.toSorted(byId)).toEqual(expected.toSorted(byId));
  });

  test('a page has twenty contacts unless asked otherwise, and tells the total', async () => {
    const page = await list();
    expect(page).toMatchObject({ page: 1, per_page: 20, total: seededContacts });
    expect(page.items).toHaveLength(20);
    expect(await list('?page=99')).toMatchObject({ items: [], page: 99, total: seededContacts });
    expect((await list('?per_page=7&page=43')).items).toHaveLength(6);
  });

  test('one contact is found by its id', async () => {
    const [contact] = (await list()).items;
    const response = await api.get(`/contacts/${contact?.id}`, token);
    expect(await response.json()).toEqual(contact);
    expect(Object.keys(contact ?? {})).toEqual([
      ...['id', 'name', 'company', 'role', 'email', 'phone', 'city', 'country', 'notes'],
      ...['updated_at', 'picture_updated_at'],
    ]);
  });

  test('an id that is nobody gives a problem', async () => {
    for (const id of ['x', '%00', "'%20OR%201=1", 'c_%F0%9F%98%80', 'a'.repeat(3_000)])
      expect((await api.get(`/contacts/${id}`, token)).status).toBe(404);
  });

  test('search finds names, companies and addresses, whatever the case and the diacritics', async () => {
    const someone = expected.find((contact) => /[äöüßøåłčžñ]/i.test(contact.name)) ?? expected[0];
    const { name = '', company = '', email = '', id } = someone ?? {};
    const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
    for (const q of [name, name.toUpperCase(), plain, email, `${company} ${name.split(' ')[0]}`]) {
      const page = await list(`?per_page=100&q=${encodeURIComponent(q)}`);
      expect(
        page.items.map((contact) => contact.id),
        q,
      ).toContain(id);
      expect(page.total).toBeLessThan(seededContacts);
    }
  });

  test('search takes every character as itself', async () => {
    for (const q of ['%', '_', '*', '"', '\\', "';--", '%00'])
      expect((await list(`?q=${encodeURIComponent(q)}`)).total, q).toBeLessThan(seededContacts);
    expect((await list('?q=%20%20')).total).toBe(seededContacts);
    expect(await list('?q=nobody-is-called-this')).toMatchObject({ items: [], total: 0 });
  });

  test.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'page=x',
    'page=',
    'per_page=101',
    'per_page=1e9',
    'page=1&page=2',
    `q=${'x'.repeat(201)}`,
  ])('the query %s is rejected with the name of the field', async (query) => {
    const response = await api.get(`/contacts?${query}`, token);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string; message: string }[] };
    expect(errors).toEqual([{ field: query.split('=')[0], message: expect.any(String) }]);
  });
});

describe('RS-10: contacts of another user', () => {
  test('RS-10: two users see their own contacts, and nobody sees the other’s by id', async () => {
    const other = await api.token({ sub: 'user-b' });
    const [mine, theirs] = [await listAll(), await listAll(other)];
    const theirIds = new Set(theirs.map((contact) => contact.id));
    expect(mine.filter((contact) => theirIds.has(contact.id))).toEqual([]);
    for (const { id } of theirs.slice(0, 20)) {
      expect((await api.get(`/contacts/${id}`, token)).status).toBe(404);
      expect((await api.get(`/contacts/${id}`, other)).status).toBe(200);
    }
  });

  test('RS-10: the same subject of another issuer is another user', () => {
    const contacts = inventContacts({ issuer: 'https://other.test', subject: 'user-a' });
    expect(contacts.map((contact) => contact.id)).not.toContain(expected[0]?.id);
  });
});

describe('invented contacts', () => {
  test('are the same for the same user and lead nowhere', () => {
    expect(inventContacts({ issuer: api.server.issuer, subject: 'user-a' })).toEqual(expected);
    for (const contact of expected) {
      expect(contact.email).toMatch(/^[a-z0-9.]+@[a-z0-9-]+\.example$/);
      expect(contact.phone).toMatch(
        /^\+(1 \d{3} 555 01\d\d|44 20 7946 0|353 20 91|33 1 99 00|49 30 23125|46 8 465 004|61 2 5550)/,
      );
      expect(new Date(contact.updated_at).toISOString()).toBe(contact.updated_at);
      expect(contact.name).not.toMatch(/undefined|\|/);
    }
    expect(new Set(expected.map((contact) => contact.country)).size).toBeGreaterThan(20);
  });
});
