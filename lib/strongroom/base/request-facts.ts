/**
 * What the audit log tells of the request that the running code works for: who asked, from where. It is in no line of
 * the log, and is gone with its request.
 */
import 'server-only';
import { type CurrentRequest, currentRequest } from './current-request';
import { processSingleton } from './process-singleton';

export type RequestFacts = {
  /** As the server guard found it. */
  clientAddress?: (() => string) | undefined;
  userAgent?: string | undefined;
  /** The session of the request, once it is known. */
  session?: { id: string; subject: string; userPseudonym: () => string } | undefined;
};

const known = () => processSingleton('request-facts', () => new WeakMap<CurrentRequest, RequestFacts>());

/** Adds to what is known of the current request; outside of one it does nothing. */
export function noteFacts(facts: RequestFacts): void {
  const request = currentRequest();
  if (request === null) return;
  const before = known().get(request);
  if (before === undefined) known().set(request, { ...facts });
  else Object.assign(before, facts);
}

export function currentFacts(): RequestFacts {
  const request = currentRequest();
  return (request === null ? undefined : known().get(request)) ?? {};
}
