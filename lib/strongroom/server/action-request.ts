/**
 * Whether a form that Next decodes has reached code of the application: Next answers a body that it cannot
 * decode with 500, as it does when an action failed.
 */
import 'server-only';
import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from '../base/process-singleton';

export type ActionRequest = { hasReachedAction: boolean };

function current(): AsyncLocalStorage<ActionRequest> {
  return processSingleton('action-request', () => new AsyncLocalStorage<ActionRequest>());
}

/** Handles a request that may be one for an action. */
export function followActionRequest(request: ActionRequest, handle: () => void): void {
  current().run(request, handle);
}

/** Called by the wrappers of the core before they run an action or a route of the adopter. */
export function noteActionReached(): void {
  const request = current().getStore();
  if (request !== undefined) request.hasReachedAction = true;
}

/** Whether an error of this request came up before any action was reached. */
export function isUndecodedAction(): boolean {
  return current().getStore()?.hasReachedAction === false;
}
