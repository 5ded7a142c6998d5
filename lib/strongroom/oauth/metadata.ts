/**
 * The authorization server's metadata: fetched once, taken only if it is about the configured issuer,
 * refreshed in the background.
 * @see OIDC Discovery §4, RFC 8414 §3
 */
import 'server-only';
import { z } from 'zod';
import { monotonicMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { AppError, type ReasonOf } from '../base/errors';
import { logFailure } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { isBareHost, isSafeAddress } from '../config/web-address';
import { fetchFromAuthorizationServer } from './authorization-server-fetch';

const freshMs = 10 * 60_000;
const failureMs = 2_000;
const reachableMs = 5_000;

const endpoint = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isSafeAddress(url) && url.hash === '' && !/[\s\p{Cc}]/u.test(text);
});

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  userinfo_endpoint: endpoint.optional(),
  end_session_endpoint: endpoint.optional(),
  revocation_endpoint: endpoint.optional(),
  pushed_authorization_request_endpoint: endpoint.optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  /** Helps to choose a prompt, and is left out when it is no list. */
  prompt_values_supported: z.array(z.string()).optional().catch(undefined),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

export type ServerMetadata = z.infer<typeof metadataSchema>;

type MetadataMemory = {
  current: { metadata: ServerMetadata; fetchedAtMs: number } | null;
  failure: { error: unknown; atMs: number } | null;
  flight: Promise<ServerMetadata> | null;
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
  const { current, failure } = memory;
  if (failure !== null && monotonicMs() - failure.atMs < reachableMs) return false;
  if (failure === null && current !== null && monotonicMs() - current.fetchedAtMs < reachableMs) return true;
  const isReachable = fetchOnce(memory).then(
    () => true,
    () => false,
  );
  return waitAtMost(3_000, isReachable, false);
}

/** What is cached now, without a request: for places that must not wait, such as response headers. */
export function knownMetadata(): ServerMetadata | null {
  return metadataMemory().current?.metadata ?? null;
}

function metadataMemory(): MetadataMemory {
  return processSingleton('metadata', (): MetadataMemory => ({ current: null, failure: null, flight: null }));
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
      return metadata;
    })
    .catch((error: unknown) => {
      memory.failure = { error, atMs: monotonicMs() };
      throw error;
    })
    .finally(() => {
      memory.flight = null;
    });
  return memory.flight;
}

async function fetchMetadata(): Promise<ServerMetadata> {
  const { issuer } = getConfig();
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetchFromAuthorizationServer(address, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new AppError('configuration_invalid', { reason: 'metadata_status' });
  const document: unknown = await response.json().catch(() => null);
  return validateMetadata(document, issuer);
}

/** Pure. The issuer is compared as text: no normalising, no guessing. @see RFC 8414 §3.3 */
export function validateMetadata(document: unknown, issuer: string): ServerMetadata {
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success) throw invalidField(parsed.error.issues[0]?.path[0]);
  if (parsed.data.issuer !== issuer)
    throw new AppError('configuration_invalid', { reason: 'metadata_issuer_mismatch' });
  rejectInnerAddresses(parsed.data, issuer);
  return parsed.data;
}

/**
 * A server with a public name has no business sending us to this machine or to a bare address.
 * @see OWASP SSRF
 */
function rejectInnerAddresses(metadata: ServerMetadata, issuer: string): void {
  if (isBareHost(new URL(issuer))) return;
  for (const [name, value] of Object.entries(metadata)) {
    const url = typeof value === 'string' && name !== 'issuer' ? URL.parse(value) : null;
    if (url !== null && isBareHost(url)) throw invalidField(name);
  }
}

const reasonOfField = {
  issuer: 'metadata_issuer',
  authorization_endpoint: 'metadata_authorization_endpoint',
  token_endpoint: 'metadata_token_endpoint',
  jwks_uri: 'metadata_jwks_uri',
  userinfo_endpoint: 'metadata_userinfo_endpoint',
  end_session_endpoint: 'metadata_end_session_endpoint',
  revocation_endpoint: 'metadata_revocation_endpoint',
  pushed_authorization_request_endpoint: 'metadata_pushed_authorization_request_endpoint',
  require_pushed_authorization_requests: 'metadata_require_pushed_authorization_requests',
  prompt_values_supported: 'metadata_document',
  authorization_response_iss_parameter_supported: 'metadata_authorization_response_iss_parameter_supported',
} as const satisfies Record<keyof ServerMetadata, ReasonOf<'configuration_invalid'>>;

function invalidField(field: PropertyKey | undefined): AppError {
  const isKnown = (name: PropertyKey): name is keyof ServerMetadata => Object.hasOwn(reasonOfField, name);
  const reason = field !== undefined && isKnown(field) ? reasonOfField[field] : 'metadata_document';
  return new AppError('configuration_invalid', { reason });
}
