/**
 * Contacts as a table for spreadsheets. A cell that a spreadsheet would take for a formula is made text.
 * Pure. @see RFC 4180 §2, OWASP "CSV Injection"
 */
import type { Contact } from './contact.ts';

export const csvContentType = 'text/csv; charset=utf-8';

const columns = [
  'id',
  'name',
  'company',
  'role',
  'email',
  'phone',
  'city',
  'country',
  'notes',
  'updated_at',
] as const satisfies readonly (keyof Contact)[];

/** One header row and a row for each contact. */
export function printContacts(contacts: readonly Contact[]): string {
  const rows = contacts.map((contact) => columns.map((column) => contact[column]));
  return [columns, ...rows].map(printRow).join('');
}

function printRow(cells: readonly string[]): string {
  return `${cells.map(printCell).join(',')}\r\n`;
}

function printCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
