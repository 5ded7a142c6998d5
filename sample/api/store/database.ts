/**
 * The API's database: one SQLite file that survives restarts. Every row belongs to an owner, and every query names one.
 * Times are ISO 8601 in UTC.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;

  CREATE TABLE IF NOT EXISTS owners (
    owner_id INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (issuer, subject)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS contacts (
    owner_id INTEGER NOT NULL REFERENCES owners,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    company TEXT NOT NULL,
    role TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    notes TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    folded_search TEXT NOT NULL,
    PRIMARY KEY (owner_id, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS contacts_by_name ON contacts (owner_id, folded_name, id);

  CREATE TABLE IF NOT EXISTS contact_pictures (
    owner_id INTEGER NOT NULL,
    contact_id TEXT NOT NULL,
    type TEXT NOT NULL,
    etag TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (owner_id, contact_id),
    FOREIGN KEY (owner_id, contact_id) REFERENCES contacts (owner_id, id)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES owners,
    id TEXT NOT NULL UNIQUE,
    author_name TEXT NOT NULL,
    mine INTEGER NOT NULL,
    text TEXT NOT NULL,
    created_at TEXT NOT NULL,
    to_contact_id TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_owner ON messages (owner_id, position);

  CREATE TABLE IF NOT EXISTS idempotency_keys (
    owner_id INTEGER NOT NULL REFERENCES owners,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner_id, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS idempotency_keys_by_message ON idempotency_keys (message_id);
`;

export function openDatabase(stateFolder: string): DatabaseSync {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const file = join(stateFolder, 'api.sqlite');
  // SQLite would create the file readable for everyone.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 2_000 });
  database.exec(schema);
  return database;
}

/** Runs the work as one: all of it is kept, or none. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
