/** Pushes an authorization request, so that the browser carries only a reference to it. @see RFC 9126 §2 */
import 'server-only';
import * as oauth from 'oauth4webapi';
import { monotonicMs } from '../base/clock';
import { AppError } from '../base/errors';
import { isRecord } from '../base/guards';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { defaultLimits } from './authorization-server-fetch';
import { getClientContext, requestOptions } from './client-request';
import { readErrorResponse } from './error-response';
import type { ServerMetadata } from './metadata-document';
import { listParameters } from './request-object';

/** Whether requests to this server have to be pushed, are pushed if that works, or are not. */
export function choosePush(server: ServerMetadata): 'required' | 'offered' | 'none' {
  const { pushedRequests } = getConfig();
  if (server.require_pushed_authorization_requests === true || pushedRequests === 'always') return 'required';
  const hasEndpoint = server.pushed_authorization_request_endpoint !== undefined;
  return pushedRequests === 'when-offered' && hasEndpoint ? 'offered' : 'none';
}

/**
 * Pushes the request where this server is to have it pushed. An endpoint that is only offered, and fails
 * without saying what is wrong with our request, is left alone for a minute: the request goes in the address.
 * @param authorizationUrl the complete request
 * @returns the address for the browser
 * @throws AppError as `pushAuthorizationRequest`
 */
export async function pushWhereOffered(authorizationUrl: URL, server: ServerMetadata): Promise<URL> {
  const push = choosePush(server);
  if (push === 'none') return authorizationUrl;
  if (push === 'required') return pushAuthorizationRequest(authorizationUrl);
  const memory = processSingleton(
    'offered-push',
    (): OfferedPush => ({ skippedUntilMs: 0, isFailing: false }),
  );
  if (monotonicMs() < memory.skippedUntilMs) return authorizationUrl;
  try {
    const address = await pushAuthorizationRequest(authorizationUrl, offeredTimeoutMs);
    memory.isFailing = false;
    return address;
  } catch (error) {
    const failure = AppError.from(error);
    if (!isDispensable(failure)) throw failure;
    if (!memory.isFailing) logWarning('push_skipped', { reason: failure.reason, variable: 'AUTH_PAR' });
    Object.assign(memory, { isFailing: true, skippedUntilMs: monotonicMs() + skippedMs });
    return authorizationUrl;
  }
}

/** What is known of an endpoint that is offered; its failure is logged once, until it works again. */
type OfferedPush = { skippedUntilMs: number; isFailing: boolean };

const offeredTimeoutMs = 4_000;
const skippedMs = 60_000;

/**
 * The endpoint does not work, or not for this client. A request that it describes as wrong would be wrong in the
 * address too.
 */
function isDispensable({ code, reason, errorResponse }: AppError): boolean {
  if (reason === 'pushed_request_rejected') return errorResponse?.error !== 'invalid_request';
  return ['temporarily_unavailable', 'invalid_response', 'invalid_client'].includes(code);
}

/**
 * @param authorizationUrl the complete request
 * @returns the address for the browser: `client_id` and `request_uri` only
 * @throws AppError of the request, or `configuration_invalid` when the server rejects it
 */
export async function pushAuthorizationRequest(
  authorizationUrl: URL,
  timeoutMs = defaultLimits.timeoutMs,
): Promise<URL> {
  const { server, client, authentication } = await getClientContext();
  if (server.pushed_authorization_request_endpoint === undefined)
    throw new AppError('configuration_invalid', { reason: 'metadata_pushed_authorization_request_endpoint' });
  try {
    const parameters = listParameters(authorizationUrl, server);
    const options = requestOptions({ ...defaultLimits, timeoutMs });
    const response = await oauth.pushedAuthorizationRequest(
      server,
      client,
      authentication,
      parameters,
      options,
    );
    const reference = await readReference(response);
    return buildReferenceUrl(server.authorization_endpoint, client.client_id, reference);
  } catch (error) {
    throw AppError.from(error);
  }
}

/** The status is 201. Some servers say 200. @see RFC 9126 §2.2 and §2.3 */
async function readReference(response: Response): Promise<string> {
  const json: unknown = await response.json().catch(() => null);
  const { request_uri: reference, error, error_description } = isRecord(json) ? json : {};
  if (response.ok && typeof reference === 'string') return reference;
  const errorResponse = readErrorResponse(error, error_description);
  const code = codes.find((known) => known === error);
  if (code !== undefined) throw new AppError(code, { errorResponse });
  throw new AppError('configuration_invalid', { reason: 'pushed_request_rejected', errorResponse });
}

/** What the server would say later if the request were not pushed; every other error is about this request. */
const codes = ['invalid_client', 'invalid_scope', 'invalid_target'] as const;

/** Pure. A reference is a URN or an https address: never a script. */
export function buildReferenceUrl(authorizationEndpoint: string, clientId: string, requestUri: string): URL {
  if (!/^(urn:|https:)[\x21-\x7e]{1,1000}$/i.test(requestUri))
    throw new AppError('invalid_response', { reason: 'request_uri' });
  const url = new URL(authorizationEndpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('request_uri', requestUri);
  return url;
}
