/** Pictures in the database, one a contact, always of one owner, and only so many of them. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../store/database.ts';
import { maxPicturesPerOwner, type Picture } from './picture.ts';

type StoredPicture = Picture & { etag: string };

export type PictureStore = {
  find(ownerId: number, contactId: string): StoredPicture | null;
  /** Stores or replaces. The contact must be the owner's. @returns the new entity tag, or null when there is no room. */
  put(ownerId: number, contactId: string, picture: Picture): string | null;
};

export function createPictureStore(database: DatabaseSync, nowMs: () => number): PictureStore {
  const select = database.prepare(
    'SELECT type, etag, bytes FROM contact_pictures WHERE owner_id = ? AND contact_id = ?',
  );
  const countOthers = database.prepare(
    'SELECT count(*) AS total FROM contact_pictures WHERE owner_id = ? AND contact_id <> ?',
  );
  const replace = database.prepare(
    `INSERT OR REPLACE INTO contact_pictures (owner_id, contact_id, type, etag, updated_at, bytes)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );

  return {
    find(ownerId, contactId) {
      return (select.get(ownerId, contactId) as StoredPicture | undefined) ?? null;
    },
    put(ownerId, contactId, { type, bytes }) {
      const etag = `"${createHash('sha256').update(type).update(bytes).digest('base64url')}"`;
      return inTransaction(database, () => {
        const others = Number(countOthers.get(ownerId, contactId)?.total);
        if (others >= maxPicturesPerOwner) return null;
        replace.run(ownerId, contactId, type, etag, new Date(nowMs()).toISOString(), bytes);
        return etag;
      });
    },
  };
}
