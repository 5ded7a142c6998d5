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
import { isRecord } from '../base/guards';
import type { HttpLimits } from '../base/http-exchange';
import { logFailure } from '../base/log';
import { type ClientAuthentication, credentialOf, listUsable } from '../config/client-authentication';
import { getConfig } from '../config/config';
import type { DpopKey } from '../session/session';
import { defaultLimits, fetchFromAuthorizationServer } from './authorization-server-fetch';
import { authenticateClient, authenticationFor } from './client-authentication';
import { logMissingProof, sendWithProof } from './dpop';
import { standardCode } from './error-response';
import { getMetadata } from './metadata';
import type { ServerMetadata } from './metadata-document';
import type { RawTokenResponse } from './token-response';

export type ClientContext = {
  server: ServerMetadata;
  client: oauth.Client;
  authentication: oauth.ClientAuth;
};

export type TokenRequestOptions = Partial<HttpLimits> & {
  /** How the client authenticates where that is not as configured: the doctor tries the others. */
  as?: ClientAuthentication;
  /** To which the tokens are bound. */
  dpopKey?: DpopKey | null;
  /** Of the API that the token is for, if it is not the first one. */
  audience?: string | null;
};

/**
 * Sends one grant to the token endpoint.
 * @throws AppError `temporarily_unavailable`, `invalid_response` or `configuration_invalid`; an error that
 *   the server describes is in the response
 */
export async function sendTokenRequest(
  grantType: 'authorization_code' | 'refresh_token' | 'client_credentials',
  parameters: Readonly<Record<string, string>>,
  { as, dpopKey = null, audience, ...limits }: TokenRequestOptions = {},
): Promise<RawTokenResponse> {
  const { server, client, authentication } = await getClientContext(as);
  const form = { ...audienceParameters(audience), ...parameters };
  try {
    // The whole request is made again for a nonce: an assertion of the client is taken once, too.
    const endpoint = { key: dpopKey, url: server.token_endpoint, isTokenEndpoint: true };
    const { response } = await sendWithProof(endpoint, async (proof) => {
      const options = { ...requestOptions({ ...defaultLimits, ...limits }), ...proof };
      return {
        response: await oauth.genericTokenEndpointRequest(
          server,
          client,
          authentication,
          grantType,
          form,
          options,
        ),
      };
    });
    const { status, headers } = response;
    const text = await response.text();
    if (dpopKey === null) logMissingProof(status, text);
    return { status, contentType: headers.get('content-type'), text };
  } catch (error) {
    throw AppError.from(error);
  }
}

/** @param as how the client authenticates, where that is not as configured */
export async function getClientContext(as?: ClientAuthentication): Promise<ClientContext> {
  const server = await getMetadata();
  return {
    server,
    client: { client_id: getConfig().clientId },
    authentication: authenticateClient(as ?? authenticationFor(server)),
  };
}

/**
 * Request options of oauth4webapi that send with our bounds. The addresses were validated with the metadata
 * and are again when a request is sent.
 */
export function requestOptions(limits: HttpLimits = defaultLimits) {
  return {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      sendBounded(
        url,
        { method: init.method, headers: init.headers, body: init.body as BodyInit | null },
        limits,
      ),
  };
}

async function sendBounded(url: string, init: RequestInit, limits: HttpLimits): Promise<Response> {
  const response = await fetchFromAuthorizationServer(url, init, limits);
  // The client authenticates in what it posts; a GET carries an access token of the user (userinfo).
  if (init.method === 'POST') await logRejectedClient(response);
  return response;
}

/**
 * The operator learns which variables it is about: an id and a secret that are right are rejected too, when the
 * server expects them elsewhere or in another encoding. @see RFC 6749 §5.2 (invalid_client)
 */
async function logRejectedClient(response: Response): Promise<void> {
  const { status } = response;
  if (status !== 200 && status !== 400 && status !== 401) return;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  if (status !== 401 && !(isRecord(body) && standardCode(body.error) === 'invalid_client')) return;
  const server = await getMetadata();
  const authentication = authenticationFor(server);
  const others = listUsable(getConfig()).filter((other) => other !== authentication);
  const variables = ['AUTH_CLIENT_ID', credentialOf[authentication], 'AUTH_CLIENT_AUTH']
    .filter(Boolean)
    .join(' ');
  const fields = {
    status,
    variables,
    authentication,
    others: others.join(' '),
    token_endpoint_auth_methods_supported: server.token_endpoint_auth_methods_supported?.join(' '),
  };
  logFailure('client_rejected', new AppError('invalid_client'), fields);
}

/**
 * The identifier of the API as the server takes it: `audience` as Auth0 does, or `resource` as in RFC 8707 §2,
 * which has to be an absolute URI. Some servers reject the one that they do not know.
 */
export function audienceParameters(audience = getConfig().audience): Record<string, string> {
  const { audienceAs } = getConfig();
  if (audience === null || audienceAs === 'none' || audienceAs === 'scope') return {};
  const isResource = audienceAs !== 'audience' && URL.canParse(audience);
  return {
    ...(audienceAs === 'resource' ? {} : { audience }),
    ...(isResource ? { resource: audience } : {}),
  };
}
