/** What this API tells about itself, so that a client can find the authorization server. @see RFC 9728 §2 and §3 */
import type { Scope } from './scopes.ts';
import { signingAlgorithms } from './token-header.ts';

export const resourceMetadataPath = '/.well-known/oauth-protected-resource';

/** @param scopes those that its routes stand behind */
export function buildResourceMetadata(identifier: string, issuer: string, scopes: readonly Scope[]) {
  return {
    resource: identifier,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Strongroom sample API',
    dpop_signing_alg_values_supported: signingAlgorithms,
    dpop_bound_access_tokens_required: false,
  };
}
