/** Users of the API as the database knows them: a small number for an issuer and subject, with seeded data from the first call on. */
import type { DatabaseSync } from 'node:sqlite';
import type { Caller } from '../http/caller.ts';
import { inTransaction } from './database.ts';

/** The identity of an owner, and all that the seeds depend on. */
export type OwnerName = Pick<Caller, 'issuer' | 'subject'>;
export type SeedOwner = (ownerId: number, owner: OwnerName) => void;
export type OwnerStore = { idOf(owner: OwnerName): number };

export function createOwnerStore(database: DatabaseSync, seed: SeedOwner): OwnerStore {
  const select = database.prepare('SELECT owner_id FROM owners WHERE issuer = ? AND subject = ?');
  const insert = database.prepare('INSERT INTO owners (issuer, subject) VALUES (?, ?) RETURNING owner_id');

  function find(owner: OwnerName): number | null {
    const row = select.get(owner.issuer, owner.subject);
    return row ? Number(row.owner_id) : null;
  }

  function create(owner: OwnerName): number {
    return inTransaction(database, () => {
      // Looked for again inside the transaction: another process may have been first.
      const existing = find(owner);
      if (existing !== null) return existing;
      const ownerId = Number(insert.get(owner.issuer, owner.subject)?.owner_id);
      seed(ownerId, owner);
      return ownerId;
    });
  }

  return { idOf: (owner) => find(owner) ?? create(owner) };
}
