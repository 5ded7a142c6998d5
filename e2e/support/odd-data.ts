/** What an API could send that is not as agreed: wrong, huge, or written to run in a page. Data for tests. */

export const contact = {
  ...{ id: 'c_1', name: 'Somebody', company: null, role: '', email: 'a@b.example', phone: '', city: '' },
  ...{ country: '', notes: '', updated_at: '2026-01-01T00:00:00Z' },
};
export const message = {
  id: 'm_1',
  author: { name: 'me' },
  text: 'hello',
  created_at: '2026-01-01T00:00:00Z',
  mine: true,
};
export const page = (items: unknown, more = {}) => ({ items, page: 1, per_page: 20, total: 1, ...more });

/** Breaks out of an attribute, of a script and of text, wherever one of them would let it. */
export const markup = `</script><script>alert(1)</script>"'><x-evil onclick="alert(1)"></x-evil><img src=x onerror=alert(1)><svg onload=alert(1)>`;

const html = '<x-evil onclick="alert(1)">\u202egnp.exe';
/**
 * What it is, the page that asks for it, and what comes: JSON, or a text that JSON.stringify would not write.
 */
export const oddData: [what: string, page: string, data: unknown][] = [
  ['10 000 rows', '/dashboard/contacts', page(Array.from({ length: 10_000 }, () => contact))],
  ['wrong types', '/dashboard/contacts', page([{ ...contact, name: 7, email: {} }])],
  ['missing fields', '/dashboard/contacts', page([{ id: 'c_1', updated_at: '2026-01-01T00:00:00Z' }])],
  [
    'HTML in every field',
    '/dashboard/contacts',
    page([{ ...contact, id: html, name: html, email: html, phone: html, city: html }]),
  ],
  [
    'HTML in a page of its own',
    '/dashboard/contacts/c_1',
    { ...contact, name: html, notes: html, email: 'javascript:alert(1)', phone: html },
  ],
  [
    'a prototype',
    '/dashboard/contacts',
    '{"items":[{"__proto__":{"id":"x"}}],"page":1,"per_page":20,"total":1}',
  ],
  [
    'a polluting one',
    '/dashboard/contacts',
    '{"__proto__":{"polluted":true},"items":[],"page":1,"per_page":20,"total":0}',
  ],
  ['huge numbers', '/dashboard/contacts', '{"items":[],"page":1e308,"per_page":20,"total":9e999}'],
  ['a page far away', '/dashboard/contacts?page=999999', page([], { page: 999_999, total: 1_000_000_000 })],
  [
    '100 000 levels',
    '/dashboard/contacts',
    `{"items":${'['.repeat(100_000)}${']'.repeat(100_000)},"page":1,"per_page":20,"total":1}`,
  ],
  ['a time without sense', '/dashboard/contacts/c_1', { ...contact, updated_at: '9999-99-99T99:99:99Z' }],
  ['the last moment of all', '/dashboard/contacts/c_1', { ...contact, updated_at: '9999-12-31T23:59:59Z' }],
  [
    'HTML in a message',
    '/dashboard/messages',
    page([{ ...message, author: { name: html }, text: `${html}\u0000` }]),
  ],
  ['a message of a megabyte', '/dashboard/messages', page([{ ...message, text: 'word '.repeat(200_000) }])],
  ['an author that is none', '/dashboard/messages', page([{ ...message, author: null, mine: 'yes' }])],
];
