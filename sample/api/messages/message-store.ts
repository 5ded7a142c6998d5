/** Messages in the database, newest first, always of one owner. */
import type { DatabaseSync } from 'node:sqlite';
import type { Slice } from '../http/page.ts';
import type { Message } from './message.ts';

export type MessageStore = {
  list(ownerId: number, slice: Slice): { items: Message[]; total: number };
  find(ownerId: number, id: string): Message | null;
  /** @returns what came after this message, oldest first; null when this owner has no such message. */
  listAfter(ownerId: number, id: string, limit: number): Message[] | null;
  add(ownerId: number, message: Message): void;
  /** @returns whether there was such a message. Its Idempotency-Key must be forgotten before. */
  remove(ownerId: number, id: string): boolean;
};

type Row = Omit<Message, 'author' | 'mine'> & { author_name: string; mine: number };

const columns = 'id, author_name, mine, text, created_at, to_contact_id';

export function createMessageStore(database: DatabaseSync): MessageStore {
  const count = database.prepare('SELECT count(*) AS total FROM messages WHERE owner_id = ?');
  const page = database.prepare(
    `SELECT ${columns} FROM messages WHERE owner_id = ? ORDER BY position DESC LIMIT ? OFFSET ?`,
  );
  const one = database.prepare(`SELECT ${columns} FROM messages WHERE owner_id = ? AND id = ?`);
  const insert = database.prepare(`INSERT INTO messages (owner_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const position = database.prepare('SELECT position FROM messages WHERE owner_id = ? AND id = ?');
  const after = database.prepare(
    `SELECT ${columns} FROM messages WHERE owner_id = ? AND position > ? ORDER BY position LIMIT ?`,
  );
  const remove = database.prepare('DELETE FROM messages WHERE owner_id = ? AND id = ?');

  return {
    list(ownerId, { limit, offset }) {
      const rows = page.all(ownerId, limit, offset) as Row[];
      return { items: rows.map(toMessage), total: Number(count.get(ownerId)?.total) };
    },
    find(ownerId, id) {
      const row = one.get(ownerId, id) as Row | undefined;
      return row ? toMessage(row) : null;
    },
    listAfter(ownerId, id, limit) {
      const row = position.get(ownerId, id);
      if (!row) return null;
      return (after.all(ownerId, Number(row.position), limit) as Row[]).map(toMessage);
    },
    add(ownerId, { id, author, mine, text, created_at, to_contact_id }) {
      insert.run(ownerId, id, author.name, Number(mine), text, created_at, to_contact_id);
    },
    remove(ownerId, id) {
      return remove.run(ownerId, id).changes > 0;
    },
  };
}

function toMessage({ id, author_name, mine, text, created_at, to_contact_id }: Row): Message {
  return { id, author: { name: author_name }, mine: mine === 1, text, created_at, to_contact_id };
}
