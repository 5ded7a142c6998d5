/**
 * What access tokens for the API carry beside the claims of RFC 9068: the sign-in and, on demand, a claim that only makes them long.
 */
import { randomBytes } from 'node:crypto';
import type { Configuration } from 'oidc-provider';
import { describeAuthentication } from './authentication.ts';

/** oidc-provider's `extraTokenClaims`. @param paddingCharacters length of the claim `padding`; 0 leaves it out */
export function createTokenClaims(paddingCharacters: number): Configuration['extraTokenClaims'] {
  return (ctx, token) => {
    // Without a resource the token is opaque and for userinfo: nobody reads claims in it.
    const isForApi = 'resourceServer' in token && token.resourceServer !== undefined;
    const padding = isForApi && paddingCharacters > 0 ? { padding: invent(paddingCharacters) } : {};
    return { ...describeAuthentication(ctx), ...padding };
  };
}

/** Random, so that no compression makes it short again. */
function invent(characters: number): string {
  return randomBytes(characters).toString('base64url').slice(0, characters);
}
