/**
 * Builds the address that signs a user out at the authorization server too. Pure.
 * @see OIDC RP-Initiated Logout 1.0 §2
 */

export type LogoutRequest = {
  clientId: string;
  /** null: there is none, or it is too long for an address. */
  idTokenHint: string | null;
  /** Where the server sends the browser afterwards: registered there. */
  returnUrl: string;
  state: string;
};

/** A configured query alone is for the address of the metadata. */
export function chooseLogoutAddress(
  configured: string | null,
  endpoint: string | undefined,
): string | undefined {
  if (configured === null) return endpoint;
  if (!configured.startsWith('?')) return configured;
  return endpoint === undefined ? undefined : endpoint.replace(/\?.*$/, '') + configured;
}

/**
 * @param address the `end_session_endpoint`, or an address with places to fill in (`{client_id}`,
 *   `{return_url}`, `{id_token}`, `{state}`) of a server that has its own parameters
 */
export function buildLogoutUrl(address: string, request: LogoutRequest): URL {
  const { clientId, returnUrl, state, idTokenHint } = request;
  if (hasPlaces(address)) {
    const values: Record<string, string> = {
      client_id: clientId,
      return_url: returnUrl,
      id_token: idTokenHint ?? '',
      state,
    };
    return new URL(fillPlaces(address, values));
  }
  const url = new URL(address);
  if (idTokenHint !== null) url.searchParams.set('id_token_hint', idTokenHint);
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
