/**
 * Keeps redirects below the base path. Next adds it to the `redirect` of a page and of an action that a script calls,
 * and leaves it out after a form without scripts and in route handlers: their users would land at whatever
 * else the host serves.
 */
import 'server-only';
import type { ServerResponse } from 'node:http';
import { withBasePath, withoutBasePath } from '../base/base-path';

/** A path outside of the base path is taken for one of the application; another application has a whole address. */
export function keepBelowBasePath(response: ServerResponse): void {
  const { writeHead } = response;
  // Node calls it for every response, whether the application does or not.
  response.writeHead = (...given: unknown[]) => {
    const location = response.getHeader('location');
    if (typeof location === 'string' && /^\/(?!\/)/.test(location) && withoutBasePath(location) === null)
      response.setHeader('location', withBasePath(location));
    return Reflect.apply(writeHead, response, given);
  };
}
