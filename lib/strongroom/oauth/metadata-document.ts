/**
 * Reads a metadata document: what is required must be usable, and what is optional and unusable is left out.
 * Endpoints that the operator configured take the place of those in the document. Pure.
 * @see OIDC Discovery §3, RFC 8414 §2
 */
import type { ReasonOf } from '../base/errors';
import { isNonEmptyString, isRecord, readPlainText } from '../base/guards';
import { isBelow } from '../base/is-below';
import { isBareHost, isLoopback } from '../config/web-address';

const requiredEndpoints = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
type RequiredEndpoint = (typeof requiredEndpoints)[number];
const optionalEndpoints = [
  'userinfo_endpoint',
  'end_session_endpoint',
  'revocation_endpoint',
  'pushed_authorization_request_endpoint',
] as const;
const flags = [
  'require_pushed_authorization_requests',
  'authorization_response_iss_parameter_supported',
  'require_signed_request_object',
] as const;
/** Each is left out when it is no list. */
const lists = [
  'code_challenge_methods_supported',
  'dpop_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'prompt_values_supported',
  'request_object_signing_alg_values_supported',
  'response_modes_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
] as const;

type OptionalEndpoint = (typeof optionalEndpoints)[number];

export type ServerMetadata = { issuer: string } & Record<
  'authorization_endpoint' | 'token_endpoint',
  string
> &
  Partial<
    Record<OptionalEndpoint | 'jwks_uri', string> &
      Record<(typeof flags)[number], boolean> &
      Record<(typeof lists)[number], string[]>
  >;

export type ConfiguredServer = {
  issuer: string;
  /** Where requests of ours to the issuer's own addresses go, if that is elsewhere. */
  internalUrl: string | null;
  endpoints: Readonly<Partial<Record<RequiredEndpoint | OptionalEndpoint, string>>>;
  /** Without ID tokens there are no keys to know. */
  hasIdTokens: boolean;
};

export type ReadMetadata =
  | { kind: 'ok'; metadata: ServerMetadata; leftOut: string[] }
  | ({ kind: 'rejected' } & RejectedMetadata);

/** What was expected and what is there: for the operator. */
export type RejectedMetadata = {
  reason: ReasonOf<'configuration_invalid'>;
  expected?: string;
  received: string;
};

/** Those that only a document can tell. */
export function listMissingEndpoints(server: Endpoints): RequiredEndpoint[] {
  return requiredEndpoints.filter((name) => isRequired(name, server) && server.endpoints[name] === undefined);
}

type Endpoints = Pick<ConfiguredServer, 'endpoints' | 'hasIdTokens'>;

/** Whether no document is needed. */
export function hasAllEndpoints(server: Endpoints): boolean {
  return listMissingEndpoints(server).length === 0;
}

/** The issuer is compared as text: no normalising, no guessing. @see RFC 8414 §3.3 */
export function readMetadata(document: unknown, server: ConfiguredServer): ReadMetadata {
  if (!isRecord(document)) return rejected('metadata_document', document);
  const { issuer } = document;
  if (typeof issuer !== 'string') return rejected('metadata_issuer', issuer);
  if (issuer !== server.issuer) return rejected('metadata_issuer_mismatch', issuer, server.issuer);
  const endpoints: Partial<ServerMetadata> = {};
  const leftOut: string[] = [];
  for (const name of [...requiredEndpoints, ...optionalEndpoints]) {
    const address = server.endpoints[name] ?? readEndpoint(name, document[name], server);
    if (address !== null) endpoints[name] = isAskedByUs(name) ? toInternal(address, server) : address;
    else if (isRequired(name, server))
      return rejected(`metadata_${name}`, document[name], expectationOf(server));
    else if (document[name] !== undefined) leftOut.push(name);
  }
  for (const name of flags) {
    const flag = document[name];
    if (typeof flag === 'boolean') endpoints[name] = flag;
    else if (flag !== undefined) leftOut.push(name);
  }
  for (const name of lists) {
    const list = document[name];
    if (Array.isArray(list)) endpoints[name] = list.filter(isNonEmptyString);
    else if (list !== undefined) leftOut.push(name);
  }
  const { authorization_endpoint = '', token_endpoint = '' } = endpoints;
  const required = { issuer, authorization_endpoint, token_endpoint };
  return { kind: 'ok', metadata: { ...endpoints, ...required }, leftOut };
}

function isRequired(name: string, { hasIdTokens }: Endpoints): name is RequiredEndpoint {
  return requiredEndpoints.some((required) => required === name) && (hasIdTokens || name !== 'jwks_uri');
}

/** The browser goes to the other two by itself. */
function isAskedByUs(name: string): boolean {
  return name !== 'authorization_endpoint' && name !== 'end_session_endpoint';
}

/**
 * The address, or null when no request may be sent there. A server behind https has no business sending us or
 * a browser to http, and one with a public name none to this machine or a bare address.
 * @see OWASP SSRF, RFC 9700 §2.6
 */
function readEndpoint(
  name: string,
  value: unknown,
  { issuer, internalUrl }: ConfiguredServer,
): string | null {
  const url = typeof value === 'string' && !/[\s\p{Cc}]/u.test(value) ? URL.parse(value) : null;
  if (url === null || url.hash !== '' || url.username !== '' || url.password !== '') return null;
  const isNamed = internalUrl !== null && url.origin === new URL(internalUrl).origin;
  if (isNamed && isAskedByUs(name)) return url.href;
  const own = new URL(issuer);
  const isHttpAllowed = own.protocol === 'http:' && isLoopback(url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHttpAllowed)) return null;
  return isBareHost(url) && !isBareHost(own) ? null : String(value);
}

/** What belongs to the issuer is asked for at its inner address, under the same path. */
function toInternal(address: string, { issuer, internalUrl }: ConfiguredServer): string {
  if (internalUrl === null) return address;
  const [url, own, internal] = [new URL(address), new URL(issuer), new URL(internalUrl)];
  if (url.origin !== own.origin) return address;
  const [base, internalBase] = [own, internal].map(({ pathname }) => pathname.replace(/\/$/, ''));
  const path = isBelow(url, issuer) ? internalBase + url.pathname.slice(base?.length) : url.pathname;
  return internal.origin + path + url.search;
}

function expectationOf({ issuer }: ConfiguredServer): string {
  return new URL(issuer).protocol === 'https:' ? 'an https address' : 'an https address, or http on loopback';
}

function rejected(
  reason: ReasonOf<'configuration_invalid'>,
  value: unknown,
  expected?: string,
): ReadMetadata {
  const received = readPlainText(value, 200) ?? nameType(value);
  return { kind: 'rejected', reason, received, ...(expected === undefined ? {} : { expected }) };
}

function nameType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return 'an empty text';
  return Array.isArray(value) ? 'a list' : typeof value;
}
