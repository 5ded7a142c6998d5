/** Pushes an authorization request, so that the browser carries only a reference to it. @see RFC 9126 §2 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError, findAppError } from '../base/errors';
import { getConfig } from '../config/config';
import { readErrorResponse } from './error-response';
import type { ServerMetadata } from './metadata-document';
import { getClientContext, requestOptions } from './send-request';

/** Whether requests to this server are pushed: it requires it, or the operator chose it. */
export function needsPush(server: ServerMetadata): boolean {
  return server.require_pushed_authorization_requests === true || getConfig().pushedRequests === 'always';
}

/**
 * @param authorizationUrl the complete request
 * @returns the address for the browser: `client_id` and `request_uri` only
 * @throws AppError of the request, or `configuration_invalid` when the server rejects it
 */
export async function pushAuthorizationRequest(authorizationUrl: URL): Promise<URL> {
  const { server, client, authentication } = await getClientContext();
  if (server.pushed_authorization_request_endpoint === undefined)
    throw new AppError('configuration_invalid', { reason: 'metadata_pushed_authorization_request_endpoint' });
  try {
    const parameters = new URLSearchParams(authorizationUrl.search);
    const response = await oauth.pushedAuthorizationRequest(
      server,
      client,
      authentication,
      parameters,
      requestOptions(),
    );
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response);
    return buildReferenceUrl(server.authorization_endpoint, client.client_id, request_uri);
  } catch (error) {
    const known = findAppError(error);
    if (known !== null) throw known;
    const said = error instanceof oauth.ResponseBodyError ? error : null;
    const errorResponse = readErrorResponse(said?.error, said?.error_description);
    const reason = 'pushed_request_rejected';
    throw new AppError('configuration_invalid', { reason, errorResponse, cause: error });
  }
}

/** Pure. A reference is a URN or an https address: never a script. */
export function buildReferenceUrl(authorizationEndpoint: string, clientId: string, requestUri: string): URL {
  if (!/^(urn:|https:)[\x21-\x7e]{1,1000}$/i.test(requestUri))
    throw new AppError('invalid_response', { reason: 'request_uri' });
  const url = new URL(authorizationEndpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('request_uri', requestUri);
  return url;
}
