/** Puts the stores together: one database, its tables behind functions, and the seeds for a user's first call. */
import { type ContactStore, createContactStore } from './contacts/contact-store.ts';
import { createPictureStore, type PictureStore } from './contacts/picture-store.ts';
import { inventContacts } from './contacts/seed-contacts.ts';
import { createDeleteMessage, type DeleteMessage } from './messages/delete-message.ts';
import { createIdempotencyStore } from './messages/idempotency.ts';
import { createMessageStore, type MessageStore } from './messages/message-store.ts';
import { createMessageStreams, type MessageStreams } from './messages/message-streams.ts';
import { createPostMessage, type PostMessage } from './messages/post-message.ts';
import { inventMessages } from './messages/seed-messages.ts';
import { openDatabase } from './store/database.ts';
import { createOwnerStore, type OwnerStore, type SeedOwner } from './store/owner-store.ts';

export type Data = {
  owners: OwnerStore;
  contacts: ContactStore;
  pictures: PictureStore;
  messages: MessageStore;
  streams: MessageStreams;
  postMessage: PostMessage;
  deleteMessage: DeleteMessage;
  close(): void;
};

export type DataPowers = { nowMs: () => number; heartbeatMs: number };

export function openData(stateFolder: string, { nowMs, heartbeatMs }: DataPowers): Data {
  const database = openDatabase(stateFolder);
  const contacts = createContactStore(database);
  const messages = createMessageStore(database);
  const idempotency = createIdempotencyStore(database, nowMs);

  const seed: SeedOwner = (ownerId, owner) => {
    const invented = inventContacts(owner);
    for (const contact of invented) contacts.add(ownerId, contact);
    for (const message of inventMessages(owner, invented, nowMs())) messages.add(ownerId, message);
  };

  return {
    owners: createOwnerStore(database, seed),
    contacts,
    pictures: createPictureStore(database, nowMs),
    messages,
    streams: createMessageStreams({ nowMs, heartbeatMs }),
    postMessage: createPostMessage({ database, contacts, messages, idempotency, nowMs }),
    deleteMessage: createDeleteMessage({ database, messages, idempotency }),
    close: () => database.close(),
  };
}
