/**
 * The API as a table of routes: every path, its method, the scope it stands behind, and whether it wants a fresh sign-in. Built from parts, started by `server.ts`.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { createContactRoutes } from './contacts/contact-routes.ts';
import { createPictureRoutes } from './contacts/picture-routes.ts';
import type { Data } from './data.ts';
import { createErrorAnswer, tooManyRequests } from './http/answer-errors.ts';
import { type ApiContext, type ApiEnv, addressOf } from './http/api-context.ts';
import type { Log } from './http/log.ts';
import type { RateLimit } from './http/rate-limit.ts';
import { Refusal } from './http/refusal.ts';
import { limitBody, limitUrl } from './http/request-limits.ts';
import { setCommonHeaders } from './http/response-headers.ts';
import { createMessageRoutes } from './messages/message-routes.ts';
import { createStreamMessages } from './messages/stream-messages.ts';
import type { Protect } from './token/protect.ts';
import { type buildResourceMetadata, resourceMetadataPath } from './token/resource-metadata.ts';

export type ApiParts = {
  data: Data;
  protect: Protect;
  anonymousLimit: RateLimit;
  metadata: ReturnType<typeof buildResourceMetadata>;
  log: Log;
};

export function createApi({ data, protect, anonymousLimit, metadata, log }: ApiParts): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();
  const contacts = createContactRoutes(data.owners, data.contacts);
  const pictures = createPictureRoutes({ ...data, log });
  const messages = createMessageRoutes({ ...data, log });
  const streamMessages = createStreamMessages({ ...data, log });

  api.onError(createErrorAnswer({ anonymousLimit, log }));
  api.notFound(refuseUnknownPath);
  api.use(setCommonHeaders, limitUrl);

  api.get('/healthz', (c) => c.json({ status: 'ok' }));
  api.get(resourceMetadataPath, (c) => {
    const waitSec = anonymousLimit.take(addressOf(c));
    if (waitSec > 0) throw tooManyRequests(waitSec, 'address_limit');
    return c.json(metadata);
  });

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

  for (const path of ['/healthz', resourceMetadataPath, '/contacts', '/contacts/export', '/contacts/:id'])
    api.all(path, refuseMethod('GET, HEAD'));
  api.all('/contacts/:id/picture', refuseMethod('GET, HEAD, PUT'));
  api.all('/messages', refuseMethod('GET, HEAD, POST'));
  api.all('/messages/:id', refuseMethod('GET, HEAD, DELETE'));
  return api;
}

function refuseUnknownPath(_: Context): never {
  throw new Refusal('not_found', { detail: 'There is nothing at this address.' });
}

/** Stands after the routes of a path and answers every other method. @see RFC 9110 §15.5.6 */
function refuseMethod(allow: string) {
  return (_: ApiContext): never => {
    throw new Refusal('method_not_allowed', { detail: `Allowed: ${allow}.`, headers: { allow } });
  };
}

const refuseHead: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method === 'HEAD') refuseMethod('GET')(c);
  await next();
};
