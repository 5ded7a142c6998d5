/**
 * How and when the person signed in, in tokens: for APIs that want a fresh or a stronger sign-in.
 * @see RFC 9470 §6, RFC 9068 §2.2.1
 */
import type { KoaContextWithOIDC } from 'oidc-provider';

/** The only way to sign in here. */
export const passwordAcr = 'urn:harbour-id:acr:password';
export const passwordAmr = ['pwd'];

export function describeAuthentication({ oidc }: KoaContextWithOIDC) {
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  return source ? { auth_time: source.authTime, acr: source.acr, amr: source.amr } : undefined;
}
