/** `GET /messages`, `GET /messages/:id` and `POST /messages`. */
import { z } from 'zod';
import type { ApiContext } from '../http/api-context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { type Log, pseudonymOf } from '../http/log.ts';
import { pageOf, pageQuery, sliceOf } from '../http/page.ts';
import { readQuery } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import type { OwnerStore } from '../store/owner-store.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { messageDraft } from './message.ts';
import type { MessageStore } from './message-store.ts';
import type { PostMessage } from './post-message.ts';

export type MessageRouteParts = {
  owners: OwnerStore;
  messages: MessageStore;
  postMessage: PostMessage;
  log: Log;
};

const listQuery = z.object(pageQuery);

export function createMessageRoutes({ owners, messages, postMessage, log }: MessageRouteParts) {
  return {
    list(c: ApiContext): Response {
      const query = readQuery(c, listQuery);
      const ownerId = owners.idOf(c.get('caller'));
      return c.json(pageOf(query, messages.list(ownerId, sliceOf(query))));
    },
    show(c: ApiContext): Response {
      const ownerId = owners.idOf(c.get('caller'));
      const message = messages.find(ownerId, c.req.param('id') ?? '');
      if (!message) throw new Refusal('not_found', { detail: 'There is no such message.' });
      return c.json(message);
    },
    async post(c: ApiContext): Promise<Response> {
      const key = readIdempotencyKey(c.req.header('idempotency-key'));
      const draft = await readJsonBody(c, messageDraft);
      const caller = c.get('caller');
      const { message, isNew } = postMessage({ ownerId: owners.idOf(caller), draft, key });
      const user = pseudonymOf(caller.issuer, caller.subject);
      log(isNew ? 'message_posted' : 'message_repeated', { user, message: message.id });
      // The same answer for the first and the repeated request: the client cannot tell, and need not.
      return c.json(message, 201, { location: `/messages/${message.id}` });
    },
  };
}
