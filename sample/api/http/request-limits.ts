/** Bounds on what a request may bring. Header and time bounds are the Node server's own and stand in `server.ts`. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Refusal } from './refusal.ts';

const maxUrlCharacters = 8 * 1024;
const maxBodyBytes = 64 * 1024;

export const limitUrl: MiddlewareHandler = async (c, next) => {
  if (c.req.url.length > maxUrlCharacters) throw new Refusal('uri_too_long');
  await next();
};

export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: maxBodyBytes,
  onError: () => {
    throw new Refusal('body_too_large', { detail: `At most ${maxBodyBytes} bytes are read.` });
  },
});
