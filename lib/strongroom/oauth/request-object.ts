/**
 * Signs an authorization request, so that nothing between us and the server can change it: the browser, or the
 * pushed request, carries one request object.
 * @see RFC 9101 §4 and §5, RFC 9126 §3
 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { AppError } from '../base/errors';
import { getConfig } from '../config/config';
import { clientSigningKey } from './client-keys';
import type { ServerMetadata } from './metadata-document';

/** Whether requests to this server are signed: it requires it, or the operator chose it. */
export function needsRequestObject(server: ServerMetadata, { requestObjects } = getConfig()): boolean {
  return (
    requestObjects === 'always' ||
    (requestObjects === 'auto' && server.require_signed_request_object === true)
  );
}

/**
 * The library makes `aud` the issuer and `iss` the client, and lets the object live for a minute.
 * @param authorizationUrl the complete request
 * @returns the address with `client_id` and `request` only, or as it was where nothing is signed
 * @throws AppError `configuration_invalid` without a key
 */
export async function signWhereNeeded(authorizationUrl: URL, server: ServerMetadata): Promise<URL> {
  if (!needsRequestObject(server)) return authorizationUrl;
  const signing = await clientSigningKey('requestObject');
  if (signing === null) throw new AppError('configuration_invalid', { reason: 'request_object_without_key' });
  const { clientId } = getConfig();
  const parameters = listParameters(authorizationUrl, server);
  const request = await oauth.issueRequestObject(server, { client_id: clientId }, parameters, signing, {
    // The library would say Ed25519 where the key and most servers say EdDSA. @see RFC 9864 §2.2
    [oauth.modifyAssertion]: (header) => void Object.assign(header, { alg: signing.alg }),
  });
  const url = new URL(server.authorization_endpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('request', request);
  return url;
}

/** The parameters of a request, without those that belong to the address of the endpoint. */
export function listParameters(authorizationUrl: URL, server: ServerMetadata): [string, string][] {
  const { searchParams: own } = new URL(server.authorization_endpoint);
  return [...authorizationUrl.searchParams].filter(([name]) => !own.has(name));
}
