/**
 * The headers of a proxied request: made anew from a short list, so that no other name can pass, however it is written. Authorization is not
 * among them: it is set in lib/strongroom/api/send-request.ts alone. Pure. @see RFC 9110 §7.6.1, RFC 10017 §6.1.3.6
 */
import type { GatewayRoute } from './upstreams';

/** What may pass, each in the only shape in which it does. */
const passed: Readonly<Record<string, RegExp>> = {
  'accept-language': /^[\w\-,;=.* ]{1,200}$/,
  // A repeated request with the same key counts once.
  'idempotency-key': /^[\w-]{8,128}$/,
};

export function chooseRequestHeaders(headers: Pick<Headers, 'get'>, route: GatewayRoute): Headers {
  const chosen = new Headers({
    accept: [...route.accepts, 'application/problem+json'].join(', '),
    // The body is passed on as it comes: nothing here unpacks it.
    'accept-encoding': 'identity',
  });
  if (route.maxRequestBytes > 0) chosen.set('content-type', 'application/json');
  for (const [name, shape] of Object.entries(passed)) {
    const value = headers.get(name);
    if (value !== null && shape.test(value)) chosen.set(name, value);
  }
  return chosen;
}

/** JSON and nothing that a form could send. @see Fetch §2.2.2 (CORS-safelisted content types) */
export function isJsonBody(headers: Pick<Headers, 'get'>): boolean {
  return /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test((headers.get('content-type') ?? '').trim());
}
