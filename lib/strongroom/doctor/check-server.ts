/**
 * Whether the authorization server can be reached and is the one that is configured: its metadata name the
 * issuer to the letter.
 * @see OIDC Discovery §4.3, RFC 8414 §3.3
 */
import 'server-only';
import { isRecord } from '../base/guards';
import { endpointVariables } from '../config/server-address-variables';
import { configuredServer, requestMetadata } from '../oauth/metadata';
import { hasAllEndpoints, type RejectedMetadata, readMetadata } from '../oauth/metadata-document';
import { findClockDifference } from './check-clock';
import type { Context, Server } from './context';
import { type Finding, findingsOf, type Remedy } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('issuer');

/** The server as it describes itself; null when it cannot be used, and then the findings say why. */
export type FoundServer = { server: Server | null; findings: Finding[] };

export async function checkServer(context: Context): Promise<FoundServer> {
  const { config, limits } = context;
  if (hasAllEndpoints(configuredServer())) return describeConfigured(context);
  try {
    const response = await requestMetadata(limits);
    const clock = findClockDifference(response.headers, 'authorization server');
    const found = await readServer(context, response);
    return { ...found, findings: [...found.findings, ...clock] };
  } catch (failure) {
    const variable = config.issuerInternalUrl === null ? 'AUTH_ISSUER' : 'AUTH_ISSUER_INTERNAL_URL';
    const { words, remedy } = explainFailure(failure, variable, config.egressProxyUrl);
    const address = config.issuerInternalUrl ?? config.issuer;
    return { server: null, findings: [error(`${address} cannot be used: ${words}`, remedy)] };
  }
}

async function readServer(context: Context, response: Response): Promise<FoundServer> {
  const { issuer } = context.config;
  if (response.status !== 200)
    return {
      server: null,
      findings: [error(`${issuer} has no metadata there (status ${response.status})`, noDiscovery)],
    };
  const document: unknown = await response.json().catch(() => null);
  const read = readMetadata(document, configuredServer());
  if (read.kind === 'rejected') return { server: null, findings: [error(...explainRejection(issuer, read))] };
  const { metadata, leftOut } = read;
  const words = `the optional ${leftOut.join(', ')} of the metadata cannot be used and is left out`;
  const left =
    leftOut.length === 0 ? [] : [warning(words, { variable: 'AUTH_ISSUER', mend: 'mend it there' })];
  const server = { document: isRecord(document) ? document : {}, metadata, isClientAccepted: true };
  return { server, findings: [ok(`${issuer} responds, and its metadata name it to the letter`), ...left] };
}

const noDiscovery: Remedy = {
  variable: 'AUTH_ISSUER',
  mend: 'write the issuer with its tenant or realm; a server without discovery needs AUTH_AUTHORIZATION_ENDPOINT, AUTH_TOKEN_ENDPOINT and AUTH_JWKS_URI',
};

function explainRejection(issuer: string, { reason, received }: RejectedMetadata): [string, Remedy] {
  if (reason === 'metadata_issuer_mismatch') {
    const isSlash = received.replace(/\/$/, '') === issuer.replace(/\/$/, '');
    const words = isSlash
      ? 'the metadata differ from AUTH_ISSUER in the last slash'
      : 'the metadata name another issuer';
    return [`${words}: ${received}`, { variable: 'AUTH_ISSUER', mend: `set it to ${received}` }];
  }
  const name = Object.keys(endpointVariables).find((one) => reason === `metadata_${one}`);
  if (name === undefined) return [`what ${issuer} responds with is no metadata document`, noDiscovery];
  const variable = endpointVariables[name as keyof typeof endpointVariables];
  return [
    `the metadata have no usable ${name} (${received})`,
    { variable, mend: 'name the address, or mend the metadata' },
  ];
}

/** A server without discovery: its endpoints are tried by the other checks. */
function describeConfigured({ config }: Context): FoundServer {
  const { issuer } = config;
  const read = readMetadata({ issuer }, configuredServer());
  if (read.kind === 'rejected') return { server: null, findings: [error(...explainRejection(issuer, read))] };
  const words =
    'all endpoints are configured, so no metadata are asked for, and the issuer is taken as written';
  return { server: { document: {}, metadata: read.metadata, isClientAccepted: true }, findings: [ok(words)] };
}
