/** Headers of every answer, also of those that are sent before a request reaches the router. No CORS: browsers do not call this API. */
import type { MiddlewareHandler } from 'hono';

export const commonHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

export const setCommonHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  // A route may choose another `Cache-Control`; the rest it leaves to us.
  for (const [name, value] of Object.entries(commonHeaders)) if (!headers.has(name)) headers.set(name, value);
  if (headers.get('content-type') === 'application/json')
    headers.set('content-type', 'application/json; charset=utf-8');
};
