/**
 * The request that the running code works for, without handing it through every function. It ends up in every line
 * of the log that is written meanwhile, from whichever bundle.
 */
import 'server-only';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { processSingleton } from './process-singleton';

export type CurrentRequest = {
  /** The same in our log, in the response, at the load balancer before us and at the API. */
  readonly requestId: string;
  /** When its first bytes were read, in seconds since the epoch. */
  readonly arrivedAtSec: number;
  /** Whether the browser says that it could not renew its bound cookie, because no answer came or one of 5xx. */
  readonly hasMissedRenewal?: boolean;
  /** Where the request is recorded in a trace (tracing/request-span.ts). */
  traceId?: string;
};

export const requestIdHeader = 'X-Request-Id';

/** Long enough to be one of its kind, and of no characters that mean something to a log, a shell or a header. */
const safeId = /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/;

function storage(): AsyncLocalStorage<CurrentRequest> {
  return processSingleton('current-request', () => new AsyncLocalStorage<CurrentRequest>());
}

export function runInRequest<T>(request: CurrentRequest, work: () => T): T {
  return storage().run(request, work);
}

/** Null outside of a request: at the start, at the end, and in what runs by a timer of the process. */
export function currentRequest(): CurrentRequest | null {
  return storage().getStore() ?? null;
}

/** The id that a load balancer gave, where it has a safe shape; else a new one. */
export function takeRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && safeId.test(given) ? given : randomUUID();
}
