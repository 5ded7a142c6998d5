/**
 * Builds the address that signs a user out at the authorization server too. Pure.
 * @see OIDC RP-Initiated Logout 1.0 §2
 */
import type { ServerMetadata } from './metadata';

export type LogoutRequest = {
  clientId: string;
  idToken: string | null;
  /** Where the server sends the browser afterwards: registered there. */
  returnUrl: string;
  state: string;
};

/** Longest ID token that is sent as a hint: it travels in a URL. */
const maxHintChars = 4_000;

/** Whether an ID token may tell the authorization server in an address which user is meant. */
export function isIdTokenHint(idToken: string | null): idToken is string {
  return idToken !== null && idToken.length <= maxHintChars;
}

/** @returns null when the server offers no logout */
export function buildLogoutUrl(server: ServerMetadata, request: LogoutRequest): URL | null {
  if (server.end_session_endpoint === undefined) return null;
  const url = new URL(server.end_session_endpoint);
  if (isIdTokenHint(request.idToken)) url.searchParams.set('id_token_hint', request.idToken);
  url.searchParams.set('client_id', request.clientId);
  url.searchParams.set('post_logout_redirect_uri', request.returnUrl);
  url.searchParams.set('state', request.state);
  return url;
}
