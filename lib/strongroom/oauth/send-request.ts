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
import type { HttpLimits } from '../base/http-client';
import { logFailure } from '../base/log';
import { getConfig } from '../config/config';
import { clientAuthentications } from '../config/environment-schema';
import type { Config } from '../config/parse-config';
import type { DpopKey } from '../session/session';
import { defaultLimits, fetchFromAuthorizationServer } from './authorization-server-fetch';
import { logMissingProof, sendWithProof } from './dpop';
import { getMetadata } from './metadata';
import type { ServerMetadata } from './metadata-document';
import type { RawTokenResponse } from './token-response';

export type ClientContext = {
  server: ServerMetadata;
  client: oauth.Client;
  authentication: oauth.ClientAuth;
};

export type ClientAuthentication = Config['clientAuthentication'];

export type TokenRequestOptions = Partial<HttpLimits> & {
  /** How the client authenticates where that is not as configured: the doctor tries the others. */
  as?: ClientAuthentication;
  /** To which the tokens are bound. */
  dpopKey?: DpopKey | null;
};

/**
 * Sends one grant to the token endpoint.
 * @throws AppError `temporarily_unavailable`, `invalid_response` or `configuration_invalid`; an error that
 *   the server describes is in the response
 */
export async function sendTokenRequest(
  grantType: 'authorization_code' | 'refresh_token' | 'client_credentials',
  parameters: Readonly<Record<string, string>>,
  { as, dpopKey = null, ...limits }: TokenRequestOptions = {},
): Promise<RawTokenResponse> {
  const { server, client, authentication } = await getClientContext(as);
  const form = { ...audienceParameters(), ...parameters };
  try {
    // The whole request is made again for a nonce: an assertion of the client is taken once, too.
    const { response } = await sendWithProof({ key: dpopKey, url: server.token_endpoint }, async (proof) => {
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

export async function getClientContext(
  as: ClientAuthentication = getConfig().clientAuthentication,
): Promise<ClientContext> {
  const { clientId } = getConfig();
  return {
    server: await getMetadata(),
    client: { client_id: clientId },
    authentication: authenticateClient(as),
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
  if (status !== 400 && status !== 401) return;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  if (status === 400 && !(isRecord(body) && body.error === 'invalid_client')) return;
  const value = getConfig().clientAuthentication;
  const others = clientAuthentications.filter((other) => other !== value).join(' ');
  const variables = 'AUTH_CLIENT_ID AUTH_CLIENT_SECRET AUTH_CLIENT_AUTH';
  const fields = { status, variables, authentication: value, others };
  logFailure('client_rejected', new AppError('invalid_client'), fields);
}

/**
 * `audience` as Auth0 takes it and `resource` as RFC 8707 §2 does, which has to be an absolute URI; nothing
 * when no API identifier is configured.
 */
export function audienceParameters(): Record<string, string> {
  const { audience } = getConfig();
  if (audience === null) return {};
  return URL.canParse(audience) ? { audience, resource: audience } : { audience };
}

/** Adds the client's credentials to a request: in the body or in the header. */
function authenticateClient(as: ClientAuthentication): oauth.ClientAuth {
  return (_server, _client, body, headers) => {
    const { clientId, clientSecret } = getConfig();
    if (as === 'client_secret_post') {
      body.set('client_id', clientId);
      body.set('client_secret', clientSecret);
      return;
    }
    const encode = as === 'client_secret_basic_encoded' ? encodeCredential : String;
    const credentials = `${encode(clientId)}:${encode(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
}

/**
 * Form-encodes an id or a secret as RFC 6749 §2.3.1 asks. Most servers do not decode it, so they are sent as
 * they stand unless the operator says otherwise. Letters, digits and `-`, `.`, `_`, `~`, `*` stay as they are
 * here too, so that a UUID or a random secret reads the same either way.
 */
function encodeCredential(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%7E', '~');
}
