/**
 * A POST that is sent twice creates one message: the client names it with an Idempotency-Key.
 * Keys belong to one user and are kept for a day. @see draft-ietf-httpapi-idempotency-key-header
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../http/refusal.ts';

export type IdempotencyStore = {
  /** @returns the id of the message that this key created, or null. @throws Refusal when it was used with another body. */
  find(ownerId: number, key: string, body: unknown): string | null;
  keep(ownerId: number, key: string, kept: { body: unknown; messageId: string }): void;
  /** The key is free again: a later request with it posts a new message. */
  forget(ownerId: number, messageId: string): void;
};

const keepMs = 24 * 3_600_000;
const keyCharacters = /^[\x21-\x7e]{1,255}$/;

/** Reads the header, or null when there is none. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (keyCharacters.test(header)) return header;
  const errors = [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }];
  throw new Refusal('invalid_request', { errors });
}

export function createIdempotencyStore(database: DatabaseSync, nowMs: () => number): IdempotencyStore {
  const forgetOld = database.prepare('DELETE FROM idempotency_keys WHERE created_at < ?');
  const select = database.prepare(
    'SELECT body_hash, message_id FROM idempotency_keys WHERE owner_id = ? AND key = ?',
  );
  const insert = database.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM idempotency_keys WHERE owner_id = ? AND message_id = ?');

  return {
    find(ownerId, key, body) {
      forgetOld.run(new Date(nowMs() - keepMs).toISOString());
      const row = select.get(ownerId, key);
      if (!row) return null;
      if (row.body_hash === hashBody(body)) return String(row.message_id);
      throw new Refusal('idempotency_key_reused', { detail: 'Use a new key for a new message.' });
    },
    keep(ownerId, key, { body, messageId }) {
      insert.run(ownerId, key, hashBody(body), messageId, new Date(nowMs()).toISOString());
    },
    forget(ownerId, messageId) {
      forget.run(ownerId, messageId);
    },
  };
}

/** Of the checked body, whose keys always stand in the order of the schema: spaces and order in the JSON do not count. */
function hashBody(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
