/** The user's messages, from `GET /messages`, `POST /messages` and `DELETE /messages/{id}`. */
import 'server-only';
import { createHash } from 'node:crypto';
import { type CallResult, callApi } from 'strongroom';
import { z } from 'zod';
import { type Page, pageSchema, wireText, wireTime } from './wire';

export type Message = {
  id: string;
  author: string;
  text: string;
  /** ISO 8601 with offset. */
  createdAt: string;
  /** Whether the signed-in user wrote it. */
  isMine: boolean;
};

const messageSchema = z
  .object({
    id: wireText(64),
    author: z.object({ name: wireText(200) }),
    text: wireText(10_000),
    created_at: wireTime,
    mine: z.boolean(),
  })
  .transform(
    ({ author, created_at, mine, ...message }): Message => ({
      ...message,
      author: author.name,
      createdAt: created_at,
      isMine: mine,
    }),
  );
/** Made once: Zod compiles a schema when it is first used. */
const messagePageSchema = pageSchema(messageSchema);

const messagesPerPage = 20;
/** As the API counts them, after trimming. */
export const maxMessageChars = 2_000;

/** Gone for good. The API asks for a sign-in that is only minutes old. */
export function deleteMessage(id: string): Promise<CallResult<null>> {
  return callApi({ method: 'DELETE', path: ['messages', id] }, z.null());
}

/** Newest first. @param page counts from 1 */
export function listMessages({ page }: { page: number }): Promise<CallResult<Page<Message>>> {
  const query = { page: String(page), per_page: String(messagesPerPage) };
  return callApi({ method: 'GET', path: ['messages'], query }, messagePageSchema);
}

/** @param idempotencyKey the same key posts once, however often it is sent */
export function postMessage({
  text,
  idempotencyKey,
}: {
  text: string;
  idempotencyKey: string;
}): Promise<CallResult<Message>> {
  return callApi({ method: 'POST', path: ['messages'], json: { text }, idempotencyKey }, messageSchema);
}

/**
 * The form's key and the text together: a changed text is another message, and the same one is posted once.
 */
export function nameMessage({ key, text }: { key: string; text: string }): string {
  return createHash('sha256').update(`${key}\n${text.trim()}`).digest('base64url');
}
