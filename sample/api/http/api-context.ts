/** What a request carries through the router: Node's own request below, the verified caller above. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Caller } from './caller.ts';

export type ApiEnv = {
  Bindings: HttpBindings;
  Variables: {
    /** Set by `protect.ts` once the access token is verified; absent before. */
    caller: Caller;
  };
};

export type ApiContext = Context<ApiEnv>;

/** The peer's address. No forwarding header is believed: there is no proxy in front of the bundled API. */
export function addressOf(c: ApiContext): string {
  return c.env.incoming.socket.remoteAddress ?? 'unknown';
}
