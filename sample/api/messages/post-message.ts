/** What posting a message means, apart from HTTP: one transaction over the recipient, the Idempotency-Key and the message. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ContactStore } from '../contacts/contact-store.ts';
import { Refusal } from '../http/refusal.ts';
import { inTransaction } from '../store/database.ts';
import type { IdempotencyStore } from './idempotency.ts';
import type { Message, MessageDraft } from './message.ts';
import type { MessageStore } from './message-store.ts';

export type PostParts = {
  database: DatabaseSync;
  contacts: ContactStore;
  messages: MessageStore;
  idempotency: IdempotencyStore;
  nowMs: () => number;
};

type Posting = { ownerId: number; draft: MessageDraft; key: string | null };
export type PostMessage = (posting: Posting) => { message: Message; isNew: boolean };

export function createPostMessage(parts: PostParts): PostMessage {
  function findEarlier({ ownerId, draft, key }: Posting): Message | null {
    const id = key === null ? null : parts.idempotency.find(ownerId, key, draft);
    return id === null ? null : parts.messages.find(ownerId, id);
  }

  return (posting) =>
    inTransaction(parts.database, () => {
      const earlier = findEarlier(posting);
      if (earlier) return { message: earlier, isNew: false };
      const { ownerId, draft, key } = posting;
      requireOwnContact(parts.contacts, ownerId, draft.to_contact_id);
      const message = createMessage(draft, parts.nowMs());
      parts.messages.add(ownerId, message);
      if (key !== null) parts.idempotency.keep(ownerId, key, { body: draft, messageId: message.id });
      return { message, isNew: true };
    });
}

function requireOwnContact(contacts: ContactStore, ownerId: number, id: string | null | undefined): void {
  if (id === null || id === undefined || contacts.find(ownerId, id)) return;
  const errors = [{ field: 'to_contact_id', message: 'is not one of your contacts' }];
  throw new Refusal('invalid_body', { errors });
}

function createMessage(draft: MessageDraft, nowMs: number): Message {
  return {
    id: `m_${randomBytes(12).toString('base64url')}`,
    author: { name: 'me' },
    mine: true,
    text: draft.text,
    created_at: new Date(nowMs).toISOString(),
    to_contact_id: draft.to_contact_id ?? null,
  };
}
