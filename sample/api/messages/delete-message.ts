/** What deleting a message means, apart from HTTP: one transaction over the message and the Idempotency-Key that points to it. */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../store/database.ts';
import type { IdempotencyStore } from './idempotency.ts';
import type { MessageStore } from './message-store.ts';

export type DeleteParts = { database: DatabaseSync; messages: MessageStore; idempotency: IdempotencyStore };

/** @returns false when this owner has no such message. */
export type DeleteMessage = (ownerId: number, id: string) => boolean;

export function createDeleteMessage({ database, messages, idempotency }: DeleteParts): DeleteMessage {
  return (ownerId, id) =>
    inTransaction(database, () => {
      // First: a key refers to its message.
      idempotency.forget(ownerId, id);
      return messages.remove(ownerId, id);
    });
}
