/**
 * Builds the address that signs a user out at the authorization server too. Pure.
 * @see OIDC RP-Initiated Logout 1.0 §2
 */

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

/**
 * @param address the `end_session_endpoint`, or an address with places to fill in (`{client_id}`,
 *   `{return_url}`, `{id_token}`, `{state}`) of a server that has its own parameters
 */
export function buildLogoutUrl(address: string, request: LogoutRequest): URL {
  const { clientId, returnUrl, state } = request;
  const idToken = isIdTokenHint(request.idToken) ? request.idToken : '';
  if (hasPlaces(address)) {
    const values: Record<string, string> = {
      client_id: clientId,
      return_url: returnUrl,
      id_token: idToken,
      state,
    };
    return new URL(fillPlaces(address, values));
  }
  const url = new URL(address);
  if (idToken !== '') url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('post_logout_redirect_uri', returnUrl);
  url.searchParams.set('state', state);
  return url;
}

function hasPlaces(address: string): boolean {
  return address.includes('{');
}

function fillPlaces(address: string, values: Readonly<Record<string, string>>): string {
  return address.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
