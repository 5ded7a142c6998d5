/**
 * Next's proxy has loaded the session of a request when the page of the same request asks for it. This hands
 * the result over inside the process, so that one page view costs one trip to the store. The id travels in a
 * request header whose name is random for each process and which the proxy always overwrites: a browser can
 * neither choose an id nor guess one. An id is good for one use.
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { BoundedMap } from '../base/bounded-map';
import { processSingleton } from '../base/process-singleton';
import { newRandomId } from '../base/random-id';
import type { LoadedSession } from './loaded-session';

/** A request that waits longer than this between proxy and page loads its session again. */
const keptMs = 10_000;
const maxKept = 2_000;

/**
 * Replaces the header of the request that goes on to the page; `loaded` is null when the proxy did not ask
 * for a session.
 */
export function handOverSession(headers: Headers, loaded: LoadedSession | null): void {
  headers.delete(handoverHeader());
  if (loaded === null) return;
  const id = newRandomId();
  kept().set(id, loaded, keptMs);
  headers.set(handoverHeader(), id);
}

export function readHandoverId(headers: Pick<Headers, 'get'>): string | null {
  return headers.get(handoverHeader());
}

/** What the proxy loaded for this request; null when there is nothing, or it was taken before. */
export function takeHandedOver(id: string | null): LoadedSession | null {
  if (id === null) return null;
  const loaded = kept().get(id);
  kept().delete(id);
  return loaded;
}

function handoverHeader(): string {
  return processSingleton('session-handover-header', () => `x-session-${randomBytes(16).toString('hex')}`);
}

function kept(): BoundedMap<LoadedSession> {
  return processSingleton('session-handover', () => new BoundedMap<LoadedSession>(maxKept));
}
