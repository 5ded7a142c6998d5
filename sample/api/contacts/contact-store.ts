/** Contacts in the database. The owner is part of every question: there is no way to ask for another user's. */
import type { DatabaseSync } from 'node:sqlite';
import type { Slice } from '../http/page.ts';
import type { Contact } from './contact.ts';
import { foldTerms, foldText } from './fold-text.ts';

export type ContactStore = {
  list(ownerId: number, query: string, slice: Slice): { items: Contact[]; total: number };
  find(ownerId: number, id: string): Contact | null;
  add(ownerId: number, contact: Contact): void;
};

const stored = 'id, name, company, role, email, phone, city, country, notes, updated_at';
const columns = `${stored},
  (SELECT updated_at FROM contact_pictures AS picture
   WHERE picture.owner_id = contacts.owner_id AND picture.contact_id = contacts.id) AS picture_updated_at`;
// No term may be missing from the text. Terms travel as one JSON parameter, so the statement never changes.
const matches = `owner_id = :owner AND NOT EXISTS
  (SELECT 1 FROM json_each(:terms) WHERE instr(folded_search, value) = 0)`;

export function createContactStore(database: DatabaseSync): ContactStore {
  const count = database.prepare(`SELECT count(*) AS total FROM contacts WHERE ${matches}`);
  const page = database.prepare(
    `SELECT ${columns} FROM contacts WHERE ${matches} ORDER BY folded_name, id LIMIT :limit OFFSET :offset`,
  );
  const one = database.prepare(`SELECT ${columns} FROM contacts WHERE owner_id = ? AND id = ?`);
  const insert = database.prepare(
    `INSERT INTO contacts (owner_id, ${stored}, folded_name, folded_search)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  return {
    list(ownerId, query, { limit, offset }) {
      const filter = { owner: ownerId, terms: JSON.stringify(foldTerms(query)) };
      const total = Number(count.get(filter)?.total);
      return { items: page.all({ ...filter, limit, offset }) as Contact[], total };
    },
    find(ownerId, id) {
      return (one.get(ownerId, id) as Contact | undefined) ?? null;
    },
    add(ownerId, contact) {
      const { id, name, company, role, email, phone, city, country, notes, updated_at } = contact;
      const search = foldText([name, company, email].join('\n'));
      const values = [id, name, company, role, email, phone, city, country, notes, updated_at];
      insert.run(ownerId, ...values, foldText(name), search);
    },
  };
}
