/**
 * The lying server's authorization, pushed request and logout endpoints. They ask the user nothing and send
 * the browser back at once.
 */
import type { ServerResponse } from 'node:http';
import { beginGrant, newCanary } from './grant.ts';
import type { ReceivedRequest } from './listener.ts';
import type { Client } from './oracle.ts';
import { sendReply } from './replies.ts';
import type { ServerState } from './server-state.ts';

export function handleAuthorization(
  state: ServerState,
  { url }: ReceivedRequest,
  response: ServerResponse,
): void {
  const { oracle, client, fault, user, issuer } = state;
  const { request, isUsedUp } = findRequest(state, url.searchParams);
  const back = { state: request.get('state') ?? '', iss: issuer };
  if (isUsedUp) {
    sendBack(response, client, new URLSearchParams({ error: 'invalid_request_uri', ...back }));
    return;
  }
  oracle.validateAuthorization(request);
  const grant = beginGrant(user, fault, request);
  state.grants.push(grant);
  const right = new URLSearchParams({ code: grant.code, ...back });
  sendBack(response, client, fault.redirect?.(right) ?? right);
}

/** A reference can be used once. @see RFC 9126 §2.2 */
function findRequest(state: ServerState, query: URLSearchParams) {
  const reference = query.get('request_uri');
  if (reference === null) return { request: query, isUsedUp: false };
  state.oracle.validateReference(query);
  const pushed = state.pushed.get(reference);
  state.pushed.set(reference, { request: pushed?.request ?? query, isUsedUp: true });
  return pushed ?? { request: query, isUsedUp: true };
}

function sendBack(response: ServerResponse, { redirectUri }: Client, query: URLSearchParams | string): void {
  response.writeHead(303, { location: `${redirectUri}?${query}` }).end();
}

export function handlePush(state: ServerState, request: ReceivedRequest, response: ServerResponse): void {
  state.oracle.validateClient(request);
  const reference = `urn:ietf:params:oauth:request_uri:${newCanary('pushed')}`;
  state.pushed.set(reference, { request: new URLSearchParams(request.body), isUsedUp: false });
  sendReply(response, { request_uri: reference, expires_in: 60 }, { status: 201, ...state.fault.push });
}

/** @see OIDC RP-Initiated Logout 1.0 §2, §3 */
export function handleLogout(state: ServerState, { url }: ReceivedRequest, response: ServerResponse): void {
  const query = url.searchParams;
  const grant = state.grants.find(({ idTokens }) => idTokens.includes(query.get('id_token_hint') ?? ''));
  if (grant === undefined) state.oracle.breaches.push('logout: an ID token hint that was never issued');
  const right = new URLSearchParams({ state: query.get('state') ?? '' });
  grant?.fault.signedOut?.(right);
  const back = `${query.get('post_logout_redirect_uri')}?${right}`;
  const through = grant?.fault.logoutThrough;
  const location = through === undefined ? back : `${through}?${new URLSearchParams({ back })}`;
  response.writeHead(303, { location }).end();
}
