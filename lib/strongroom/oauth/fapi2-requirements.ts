/**
 * What a server must offer under `SECURITY_PROFILE=fapi2`, by its metadata.
 * @see FAPI 2.0 Security Profile §5.3.2 and §5.4, RFC 8414 §2
 */
import 'server-only';
import { fapi2Algorithms, pickAllowed } from '../config/security-profile';
import { takesOurProofs } from './dpop-support';
import type { ServerMetadata } from './metadata-document';

export type Fapi2Requirement = {
  metadataField: keyof ServerMetadata;
  isMet: (server: ServerMetadata) => boolean;
  /** What follows "FAPI 2.0 requires". */
  words: string;
};

const allowed = fapi2Algorithms.slice(0, 3).join(', ');

export const fapi2Requirements: readonly Fapi2Requirement[] = [
  {
    metadataField: 'pushed_authorization_request_endpoint',
    isMet: (server) => server.pushed_authorization_request_endpoint !== undefined,
    words: 'an endpoint for pushed requests',
  },
  {
    metadataField: 'authorization_response_iss_parameter_supported',
    isMet: (server) => server.authorization_response_iss_parameter_supported === true,
    words: 'responses that name their issuer',
  },
  {
    metadataField: 'code_challenge_methods_supported',
    isMet: (server) => server.code_challenge_methods_supported?.includes('S256') === true,
    words: 'PKCE with S256',
  },
  {
    metadataField: 'dpop_signing_alg_values_supported',
    isMet: takesOurProofs,
    words: 'tokens that are bound to their session (DPoP with ES256)',
  },
  {
    metadataField: 'token_endpoint_auth_methods_supported',
    isMet: (server) => server.token_endpoint_auth_methods_supported?.includes('private_key_jwt') === true,
    words: 'clients that authenticate with a key (private_key_jwt)',
  },
  {
    metadataField: 'id_token_signing_alg_values_supported',
    isMet: (server) => pickAllowed(server.id_token_signing_alg_values_supported ?? []).length > 0,
    words: `ID tokens signed with one of ${allowed}`,
  },
];
