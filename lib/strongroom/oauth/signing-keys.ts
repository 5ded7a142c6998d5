/** The authorization server's public keys, cached; an unknown key id asks again at most once a second. @see RFC 7517, OIDC Core §10.1.1 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { processSingleton } from '../base/process-singleton';
import { fetchFromAuthorizationServer } from './authorization-server-fetch';

const restMs = 1_000;

/**
 * The key resolver for one JWKS address. A key that came up within the second after the last look is looked for once more after it, for those
 * who came with a code of their own; what anybody may send is not waited for.
 */
export function signingKeys(jwksUri: string, { isPatient }: { isPatient: boolean }): JWTVerifyGetKey {
  const keys = processSingleton(`keys-of.${jwksUri}`, () =>
    createRemoteJWKSet(new URL(jwksUri), {
      cooldownDuration: restMs,
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
  return async (header, token) => {
    const isResting = isPatient && keys.coolingDown;
    try {
      return await keys(header, token);
    } catch (error) {
      if (!isResting || !isUnknownKey(error)) throw error;
      await pause(restMs);
      return keys(header, token);
    }
  };
}

/** By the stable code, because proxy and pages each have a jose of their own. */
function isUnknownKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === errors.JWKSNoMatchingKey.code;
}
