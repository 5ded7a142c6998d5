/**
 * The authorization server's metadata: fetched once, taken only if it is about the configured issuer,
 * refreshed in the background.
 * @see OIDC Discovery §4, RFC 8414 §3
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { AppError } from '../base/errors';
import type { HttpLimits } from '../base/http-exchange';
import { logFailure, logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { endpointVariables } from '../config/server-address-variables';
import { defaultLimits, fetchFromAuthorizationServer } from './authorization-server-fetch';
import {
  type ConfiguredServer,
  hasAllEndpoints,
  listMissingEndpoints,
  type RejectedMetadata,
  readMetadata,
  type ServerMetadata,
} from './metadata-document';

const freshMs = 10 * 60_000;
const failureMs = 2_000;
const reachableMs = 5_000;

type MetadataMemory = {
  current: { metadata: ServerMetadata; fetchedAtMs: number } | null;
  failure: { error: unknown; atMs: number } | null;
  flight: Promise<ServerMetadata> | null;
  /** Whether the server responded when it was asked last, and the question under way. */
  reachable: { isReachable: boolean; atMs: number } | null;
  check: Promise<boolean> | null;
};

/**
 * @throws AppError `temporarily_unavailable` while the server cannot be reached (asked again after 2 s),
 *   `configuration_invalid` when the document is not about our issuer or lacks an endpoint
 */
export async function getMetadata(): Promise<ServerMetadata> {
  const memory = metadataMemory();
  const { current, failure } = memory;
  if (current !== null) {
    if (monotonicMs() - current.fetchedAtMs > freshMs) refreshInBackground(memory);
    return current.metadata;
  }
  if (failure !== null && monotonicMs() - failure.atMs < failureMs) throw failure.error;
  return fetchOnce(memory);
}

/**
 * Whether the server responds now: asked again when the last response, good or bad, is older than five
 * seconds.
 */
export async function isServerReachable(): Promise<boolean> {
  const memory = metadataMemory();
  const { reachable } = memory;
  if (reachable !== null && monotonicMs() - reachable.atMs < reachableMs) return reachable.isReachable;
  memory.check ??= askServer(memory)
    .then(
      () => noteReachable(memory, true),
      () => noteReachable(memory, false),
    )
    .finally(() => {
      memory.check = null;
    });
  return waitAtMost(3_000, memory.check, false);
}

function noteReachable(memory: MetadataMemory, isReachable: boolean): boolean {
  memory.reachable = { isReachable, atMs: monotonicMs() };
  return isReachable;
}

/**
 * A server whose endpoints are all configured has no metadata to ask for: its keys, or the response of its
 * token endpoint to a GET, stand in for them.
 */
function askServer(memory: MetadataMemory): Promise<unknown> {
  if (!hasAllEndpoints(configuredServer())) return fetchOnce(memory);
  return getMetadata().then(({ jwks_uri, token_endpoint }) =>
    fetchFromAuthorizationServer(jwks_uri ?? token_endpoint),
  );
}

/** What the configuration says of the server. */
export function configuredServer(): ConfiguredServer {
  const { issuer, issuerInternalUrl: internalUrl, endpoints, userClaims } = getConfig();
  return { issuer, internalUrl, endpoints, hasIdTokens: userClaims === null };
}

function metadataMemory(): MetadataMemory {
  return processSingleton(
    'metadata',
    (): MetadataMemory => ({ current: null, failure: null, flight: null, reachable: null, check: null }),
  );
}

function refreshInBackground(memory: MetadataMemory): void {
  const isBackingOff = memory.failure !== null && monotonicMs() - memory.failure.atMs < failureMs;
  if (memory.flight !== null || isBackingOff) return;
  fetchOnce(memory).catch((error: unknown) => logFailure('metadata_refresh_failed', error));
}

function fetchOnce(memory: MetadataMemory): Promise<ServerMetadata> {
  memory.flight ??= fetchMetadata()
    .then((metadata) => {
      memory.current = { metadata, fetchedAtMs: monotonicMs() };
      memory.failure = null;
      // Without a document nothing was asked.
      if (!hasAllEndpoints(configuredServer())) noteReachable(memory, true);
      return metadata;
    })
    .catch((error: unknown) => {
      memory.failure = { error, atMs: monotonicMs() };
      noteReachable(memory, false);
      throw error;
    })
    .finally(() => {
      memory.flight = null;
    });
  return memory.flight;
}

async function fetchMetadata(): Promise<ServerMetadata> {
  const server = configuredServer();
  if (hasAllEndpoints(server)) return validateMetadata({ issuer: server.issuer });
  const response = await requestMetadata();
  if (response.status !== 200)
    throw reject({
      reason: 'metadata_status',
      expected: describeExpected(),
      received: `status ${response.status}`,
    });
  return validateMetadata(await response.json().catch(() => 'no JSON'));
}

/**
 * Requests the document, whatever the response says. Some servers keep it at another address of their own: one
 * redirect is followed, and only within the origin. @see OIDC Discovery §4
 * @throws AppError `temporarily_unavailable` or `invalid_response`
 */
export async function requestMetadata(limits: HttpLimits = defaultLimits): Promise<Response> {
  const { issuer, issuerInternalUrl } = getConfig();
  const base = (issuerInternalUrl ?? issuer).replace(/\/$/, '');
  const address = new URL(`${base}/.well-known/openid-configuration`);
  const request = { headers: { accept: 'application/json' } };
  const response = await fetchFromAuthorizationServer(address, request, { ...limits, redirects: 'pass' });
  if (response.status < 300 || response.status >= 400) return response;
  const target = URL.parse(response.headers.get('location') ?? '', address);
  if (target?.origin !== address.origin) throw new AppError('invalid_response', { reason: 'redirect' });
  return fetchFromAuthorizationServer(target, request, limits);
}

/** Says in the log what was expected and what is there, and which optional members are of no use. */
function validateMetadata(document: unknown): ServerMetadata {
  const read = readMetadata(document, configuredServer());
  if (read.kind === 'rejected') throw reject(read);
  if (read.leftOut.length > 0) logWarning('metadata_left_out', { members: read.leftOut.join(' ') });
  return read.metadata;
}

function reject({ reason, expected, received }: RejectedMetadata): AppError {
  const error = new AppError('configuration_invalid', { reason });
  const variable =
    reason === 'metadata_issuer_mismatch' || reason === 'metadata_status' ? 'AUTH_ISSUER' : undefined;
  logFailure('metadata_rejected', error, { reason, variable, expected, received });
  return error;
}

/** A server of which one endpoint is configured may have no discovery: then it needs the others too. */
function describeExpected(): string {
  const server = configuredServer();
  const missing = listMissingEndpoints(server).map((name) => endpointVariables[name]);
  const others = Object.keys(server.endpoints).length === 0 ? '' : `, or ${missing.join(' and ')}`;
  return `a metadata document${others}`;
}
