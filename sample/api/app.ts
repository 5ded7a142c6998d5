/**
 * The API as a table of routes: every path, its method, the scope it stands behind, and whether it wants a fresh sign-in. Built from parts, started by `server.ts`.
 */
import type { Hono, MiddlewareHandler } from 'hono';
import { createContactRoutes } from './contacts/contact-routes.ts';
import { createPictureRoutes } from './contacts/picture-routes.ts';
import type { Data } from './data.ts';
import type { ApiEnv } from './http/api-context.ts';
import { limitBody } from './http/request-limits.ts';
import { createRouter, type RouterParts, refuseMethod } from './http/router.ts';
import { createMessageRoutes } from './messages/message-routes.ts';
import { createStreamMessages } from './messages/stream-messages.ts';
import type { Protect } from './token/protect.ts';

export type ApiParts = RouterParts & { data: Data; protect: Protect };

export function createApi({ data, protect, ...parts }: ApiParts): Hono<ApiEnv> {
  const { log } = parts;
  const api = createRouter(parts);
  const contacts = createContactRoutes(data.owners, data.contacts);
  const pictures = createPictureRoutes({ ...data, log });
  const messages = createMessageRoutes({ ...data, log });
  const streamMessages = createStreamMessages({ ...data, log });

  api.get('/contacts', protect('read:contacts'), contacts.list);
  // Before `:id`, which would take its name for an id.
  api.get('/contacts/export', protect('read:contacts', 'fresh'), contacts.exportAll);
  api.get('/contacts/:id', protect('read:contacts'), contacts.show);
  api.get('/contacts/:id/picture', protect('read:contacts'), pictures.show);
  api.put('/contacts/:id/picture', protect('write:contacts'), pictures.put);
  api.get('/messages', protect('read:messages'), messages.list);
  // Before `:id` too. A HEAD would be routed like a GET and leave a stream that nobody reads.
  api.get('/messages/stream', refuseHead, protect('read:messages'), streamMessages);
  api.all('/messages/stream', refuseMethod('GET'));
  api.get('/messages/:id', protect('read:messages'), messages.show);
  api.post('/messages', limitBody, protect('write:messages'), messages.post);
  api.delete('/messages/:id', protect('write:messages', 'fresh'), messages.remove);

  for (const path of ['/contacts', '/contacts/export', '/contacts/:id'])
    api.all(path, refuseMethod('GET, HEAD'));
  api.all('/contacts/:id/picture', refuseMethod('GET, HEAD, PUT'));
  api.all('/messages', refuseMethod('GET, HEAD, POST'));
  api.all('/messages/:id', refuseMethod('GET, HEAD, DELETE'));
  return api;
}

const refuseHead: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method === 'HEAD') refuseMethod('GET')(c);
  await next();
};
