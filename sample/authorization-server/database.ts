/**
 * The one SQLite file of the authorization server: protocol artifacts and remembered consents survive a restart.
 * Only `artifacts.ts` and `consents.ts` write statements against it.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export function openDatabase(stateFolder: string): DatabaseSync {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const file = join(stateFolder, 'authorization-server.sqlite');
  const database = new DatabaseSync(file);
  chmodSync(file, 0o600);
  database.exec(pragmas);
  database.exec(schema);
  return database;
}

const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
`;

const schema = `
  CREATE TABLE IF NOT EXISTS artifacts (
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    grant_id TEXT,
    uid TEXT,
    consumed_at_sec INTEGER,
    expires_at_sec INTEGER,
    PRIMARY KEY (model, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS artifacts_by_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS artifacts_by_uid ON artifacts (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS artifacts_by_expiry ON artifacts (expires_at_sec);

  CREATE TABLE IF NOT EXISTS consents (
    account_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    granted TEXT NOT NULL,
    rejected TEXT NOT NULL,
    PRIMARY KEY (account_id, client_id)
  ) STRICT, WITHOUT ROWID;
`;
