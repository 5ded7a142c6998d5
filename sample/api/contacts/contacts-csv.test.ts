import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Contact } from './contact.ts';
import { printContacts } from './contacts-csv.ts';
import { inventContacts, seededContacts } from './seed-contacts.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const header = 'id,name,company,role,email,phone,city,country,notes,updated_at\r\n';
const plain: Contact = {
  id: 'c_1',
  name: 'Åsa Öberg',
  company: 'Kaffe',
  role: 'Owner',
  email: 'asa@kaffe.example',
  phone: '46',
  city: 'Lund',
  country: 'Sweden',
  notes: '',
  updated_at: '2025-01-01T00:00:00.000Z',
  picture_updated_at: null,
};
const printNotes = (notes: string) =>
  printContacts([{ ...plain, notes }])
    .slice(header.length)
    .split(',Sweden,')[1]
    ?.replace(/,2025.*\r\n$/, '');

test('RFC 4180: a header and a row for each contact, each ended by CRLF', () => {
  expect(printContacts([])).toBe(header);
  expect(printContacts([plain])).toBe(
    `${header}c_1,Åsa Öberg,Kaffe,Owner,asa@kaffe.example,46,Lund,Sweden,,2025-01-01T00:00:00.000Z\r\n`,
  );
});

test.each([
  ['a, b', '"a, b"'],
  ['say "yes"', '"say ""yes"""'],
  ['one\ntwo', '"one\ntwo"'],
  ['one\r\ntwo', '"one\r\ntwo"'],
])('RFC 4180 §2: %j is quoted', (notes, printed) => expect(printNotes(notes)).toBe(printed));

test.each([
  ['=1+1', "'=1+1"],
  ['+46 8', "'+46 8"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("https://evil.test","x")', '"\'=HYPERLINK(""https://evil.test"",""x"")"'],
  ['1-1', '1-1'],
])('a cell that opens like a formula is made text: %j', (notes, printed) =>
  expect(printNotes(notes)).toBe(printed),
);

test('the export is a file of all contacts of the caller', async () => {
  const response = await api.get('/contacts/export', await api.token());
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="contacts.csv"');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const text = await response.text();
  expect(text.startsWith(header)).toBe(true);
  expect(text.split('\r\n')).toHaveLength(seededContacts + 2);
  for (const { id } of inventContacts({ issuer: api.server.issuer, subject: 'user-a' }))
    expect(text).toContain(`\r\n${id},`);
});

test('RS-10: the export holds nothing of another user', async () => {
  const text = await (await api.get('/contacts/export', await api.token({ sub: 'user-b' }))).text();
  for (const { id } of inventContacts({ issuer: api.server.issuer, subject: 'user-a' }))
    expect(text).not.toContain(id);
});
