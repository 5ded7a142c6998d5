/**
 * What the authorization server requires and this application does not do as it is configured. A sign-in would
 * fail at the server or after it, so it does not begin, and the operator reads what is missing.
 * @see RFC 8414 §2, RFC 9101 §10.5, RFC 9126 §5
 */
import 'server-only';
import { AppError } from '../base/errors';
import { logFailure } from '../base/log';
import { chooseAuthentication } from '../config/client-authentication';
import { getConfig } from '../config/config';
import type { Config } from '../config/parse-config';
import { secretAlgorithms } from './client-authentication';
import { algorithmFields } from './client-keys';
import { fapi2Requirements } from './fapi2-requirements';
import type { ServerMetadata } from './metadata-document';
import { needsRequestObject } from './request-object';

export type UnmetRequirement = {
  /** One sentence without its full stop. */
  words: string;
  /** Where the server says so. */
  metadataField: string;
  variable: string;
  /** What to do, in one sentence. */
  mend: string;
};

/** Logs each of them. @throws AppError `configuration_invalid` when there is one */
export function rejectUnmetRequirements(server: ServerMetadata): void {
  const unmet = findUnmetRequirements(getConfig(), server);
  if (unmet.length === 0) return;
  const error = new AppError('configuration_invalid', { reason: 'server_requirement_unmet' });
  for (const { words, metadataField, variable, mend } of unmet)
    logFailure('server_requirement_unmet', error, { variable, metadataField, requirement: words, mend });
  throw error;
}

/** Pure. */
export function findUnmetRequirements(config: Config, server: ServerMetadata): UnmetRequirement[] {
  return [
    ...findRequestObjectProblem(config, server),
    ...findAlgorithmProblems(config, server),
    ...findResponseModeProblem(server),
    ...(config.securityProfile === 'fapi2' ? findProfileGaps(server) : []),
  ];
}

function findProfileGaps(server: ServerMetadata): UnmetRequirement[] {
  return fapi2Requirements
    .filter(({ isMet }) => !isMet(server))
    .map(({ metadataField, words }) => ({
      words: `FAPI 2.0 requires ${words}, which the metadata do not offer`,
      metadataField,
      variable: 'SECURITY_PROFILE',
      mend: 'turn it on at the server, or set SECURITY_PROFILE to auto',
    }));
}

function findRequestObjectProblem(
  { requestObjects, clientKeys }: Config,
  server: ServerMetadata,
): UnmetRequirement[] {
  if (server.require_signed_request_object !== true) return [];
  const metadataField = 'require_signed_request_object';
  if (requestObjects === 'never')
    return [
      {
        words: 'the server requires signed requests, and AUTH_REQUEST_OBJECT is never',
        metadataField,
        variable: 'AUTH_REQUEST_OBJECT',
        mend: 'set it to auto',
      },
    ];
  if (clientKeys.length > 0) return [];
  return [
    {
      words: 'the server requires signed requests, and this client has no key',
      metadataField,
      variable: 'AUTH_CLIENT_KEYS',
      mend: 'make one with npm run keys, and register its public part at the server',
    },
  ];
}

/** What this client signs has to be in an algorithm that the server lists, where it lists any. @see RFC 8414 §2 */
function findAlgorithmProblems(config: Config, server: ServerMetadata): UnmetRequirement[] {
  const chosen = chooseAuthentication(config, server.token_endpoint_auth_methods_supported);
  const ofKeys = config.clientKeys.flatMap(({ algorithms }) => algorithms);
  const key = { variable: 'AUTH_CLIENT_KEYS', mend: anotherKey };
  const find = (what: string, metadataField: AlgorithmField, ours: readonly string[], remedy = key) => {
    const offered = server[metadataField] ?? [];
    // A list that is not there, or empty, says nothing.
    if (offered.length === 0 || ours.some((alg) => offered.includes(alg))) return [];
    const words = `the server takes ${what} signed with ${offered.join(', ')}, and not with ${ours.join(', ')}`;
    return [{ words, metadataField, ...remedy }];
  };
  const { assertion, requestObject } = algorithmFields;
  return [
    ...(chosen === 'private_key_jwt' ? find('assertions', assertion, ofKeys) : []),
    ...(chosen === 'client_secret_jwt' ? find('assertions', assertion, secretAlgorithms, anotherWay) : []),
    ...(needsRequestObject(server, config) && ofKeys.length > 0
      ? find('requests', requestObject, ofKeys)
      : []),
  ];
}

type AlgorithmField = (typeof algorithmFields)[keyof typeof algorithmFields];

const anotherWay = { variable: 'AUTH_CLIENT_AUTH', mend: 'set it to another way that the server takes' };
const anotherKey =
  'make a key for one of these (npm run keys -- --alg PS256), and register its public part at the server';

/** A response that is packed into a JWT is not read. @see JARM §2.3 */
function findResponseModeProblem({
  response_modes_supported: modes = [],
}: ServerMetadata): UnmetRequirement[] {
  if (modes.length === 0 || modes.some((mode) => !/(^|\.)jwt$/.test(mode))) return [];
  return [
    {
      words: `the server responds in JWTs only (${modes.join(', ')}), which are not read`,
      metadataField: 'response_modes_supported',
      variable: 'AUTH_ISSUER',
      mend: 'allow the response mode query for this client at the server',
    },
  ];
}
