/** `GET /messages`, `GET /messages/:id`, `POST /messages` and `DELETE /messages/:id`. */
import { z } from 'zod';
import type { ApiContext } from '../http/api-context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { type Log, pseudonymOf } from '../http/log.ts';
import { pageOf, pageQuery, sliceOf } from '../http/page.ts';
import { readQuery } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import type { OwnerStore } from '../store/owner-store.ts';
import type { DeleteMessage } from './delete-message.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { messageDraft } from './message.ts';
import type { MessageStore } from './message-store.ts';
import type { MessageStreams } from './message-streams.ts';
import type { PostMessage } from './post-message.ts';

export type MessageRouteParts = {
  owners: OwnerStore;
  messages: MessageStore;
  postMessage: PostMessage;
  deleteMessage: DeleteMessage;
  streams: MessageStreams;
  log: Log;
};

const listQuery = z.object(pageQuery);

export function createMessageRoutes(parts: MessageRouteParts) {
  const { owners, messages, postMessage, deleteMessage, streams, log } = parts;
  return {
    list(c: ApiContext): Response {
      const query = readQuery(c, listQuery);
      const ownerId = owners.idOf(c.get('caller'));
      return c.json(pageOf(query, messages.list(ownerId, sliceOf(query))));
    },
    show(c: ApiContext): Response {
      const ownerId = owners.idOf(c.get('caller'));
      const message = messages.find(ownerId, c.req.param('id') ?? '');
      if (!message) throw noSuchMessage();
      return c.json(message);
    },
    async post(c: ApiContext): Promise<Response> {
      const key = readIdempotencyKey(c.req.header('idempotency-key'));
      const draft = await readJsonBody(c, messageDraft);
      const caller = c.get('caller');
      const ownerId = owners.idOf(caller);
      const { message, isNew } = postMessage({ ownerId, draft, key });
      if (isNew) streams.publish(ownerId, { event: 'message', id: message.id, data: message });
      const user = pseudonymOf(caller.issuer, caller.subject);
      log(isNew ? 'message_posted' : 'message_repeated', { user, message: message.id });
      // The same answer for the first and the repeated request: the client cannot tell, and need not.
      return c.json(message, 201, { location: `/messages/${message.id}` });
    },
    /** Another user's message is as absent as one that never was. */
    remove(c: ApiContext): Response {
      const caller = c.get('caller');
      const ownerId = owners.idOf(caller);
      const id = c.req.param('id') ?? '';
      if (!deleteMessage(ownerId, id)) throw noSuchMessage();
      streams.publish(ownerId, { event: 'deleted', data: { id } });
      log('message_deleted', { user: pseudonymOf(caller.issuer, caller.subject), message: id });
      return c.body(null, 204);
    },
  };
}

function noSuchMessage(): Refusal {
  return new Refusal('not_found', { detail: 'There is no such message.' });
}
