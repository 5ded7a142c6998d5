/** The authorization server's public keys, cached; an unknown key id asks again at most once a second. @see RFC 7517, OIDC Core §10.1.1 */
import 'server-only';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { keepInProcess } from '@/lib/base/process-memory';
import { fetchFromAuthorizationServer } from './authorization-server-fetch';

/** The key resolver for one JWKS address. */
export function signingKeys(jwksUri: string): JWTVerifyGetKey {
  return keepInProcess(`keys-of.${jwksUri}`, () =>
    createRemoteJWKSet(new URL(jwksUri), {
      cooldownDuration: 1_000,
      cacheMaxAge: 10 * 60_000,
      timeoutDuration: 8_000,
      [customFetch]: (url, options) =>
        fetchFromAuthorizationServer(url, {
          method: 'GET',
          headers: options.headers,
          signal: options.signal,
        }),
    }),
  );
}
