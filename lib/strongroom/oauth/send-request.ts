/**
 * How this application, as an OAuth client, sends requests to the authorization server. Code exchange,
 * refresh, revocation, pushed requests and userinfo all go through here, so that the server sees one client:
 * the same authentication, encoding, audience and bounds each time. Validating the response is done
 * elsewhere.
 * @see RFC 6749 §2.3.1 (client authentication) and §3.2 (token endpoint), RFC 8707 §2 (resource)
 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError } from '../base/errors';
import type { HttpLimits } from '../base/http-client';
import { getConfig } from '../config/config';
import { defaultLimits, fetchFromAuthorizationServer } from './authorization-server-fetch';
import { getMetadata, type ServerMetadata } from './metadata';
import type { RawTokenResponse } from './token-response';

export type ClientContext = {
  server: ServerMetadata;
  client: oauth.Client;
  authentication: oauth.ClientAuth;
};

/**
 * Sends one grant to the token endpoint.
 * @throws AppError `temporarily_unavailable`, `invalid_response` or `configuration_invalid`; an error that
 *   the server describes is in the response
 */
export async function sendTokenRequest(
  grantType: 'authorization_code' | 'refresh_token',
  parameters: Readonly<Record<string, string>>,
  limits: HttpLimits = defaultLimits,
): Promise<RawTokenResponse> {
  const { server, client, authentication } = await getClientContext();
  const form = { ...audienceParameters(), ...parameters };
  try {
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      authentication,
      grantType,
      form,
      requestOptions(limits),
    );
    const { status, headers } = response;
    return { status, contentType: headers.get('content-type'), text: await response.text() };
  } catch (error) {
    throw AppError.from(error);
  }
}

export async function getClientContext(): Promise<ClientContext> {
  const { clientId } = getConfig();
  return { server: await getMetadata(), client: { client_id: clientId }, authentication: authenticateClient };
}

/**
 * Request options of oauth4webapi that send with our bounds. The addresses were validated with the metadata:
 * http on loopback only.
 */
export function requestOptions(limits: HttpLimits = defaultLimits) {
  return {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      fetchFromAuthorizationServer(
        url,
        { method: init.method, headers: init.headers, body: init.body as BodyInit | null },
        limits,
      ),
  };
}

/**
 * `audience` as Auth0 takes it and `resource` as RFC 8707 §2 does; nothing when no API identifier is
 * configured.
 */
export function audienceParameters(): Record<string, string> {
  const { audience } = getConfig();
  return audience === null ? {} : { audience, resource: audience };
}

/** Adds the client's credentials to a request: in the body or in the header, as AUTH_CLIENT_AUTH says. */
const authenticateClient: oauth.ClientAuth = (_server, _client, body, headers) => {
  const { clientId, clientSecret, clientAuthentication } = getConfig();
  if (clientAuthentication === 'client_secret_post') {
    body.set('client_id', clientId);
    body.set('client_secret', clientSecret);
    return;
  }
  const credentials = `${encodeCredential(clientId)}:${encodeCredential(clientSecret)}`;
  headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
};

/**
 * Form-encodes an id or a secret as RFC 6749 §2.3.1 asks. Many servers do not decode it, so nothing is
 * encoded that need not be: letters, digits and `-`, `.`, `_`, `~`, `*` stay as they are, and a UUID or a
 * random secret reads the same for servers that decode and servers that do not.
 */
function encodeCredential(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%7E', '~');
}
