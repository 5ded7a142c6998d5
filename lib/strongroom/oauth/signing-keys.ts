/**
 * The authorization server's public keys, cached, and what a token that they sign must say.
 * @see RFC 7517, OIDC Core §10.1.1
 */
import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { fapi2Algorithms } from '../config/security-profile';
import { fetchFromAuthorizationServer } from './authorization-server-fetch';
import { getMetadata } from './metadata';
import type { SigningKeys } from './signed-token';

/** The keys are requested at most once in this time, however many tokens name a key that is unknown. */
const coolDownMs = 1_000;

type Patience = {
  /** Whether to wait for the end of the cool-down when a key is unknown. */
  isPatient: boolean;
};

/**
 * What a token of the configured authorization server must be signed by and say.
 * @throws AppError of the metadata request
 */
export async function expectedSigner(patience: Patience) {
  const { issuer, clientId, signingAlgorithm, securityProfile } = getConfig();
  const algorithm = signingAlgorithm ?? (securityProfile === 'fapi2' ? fapi2Algorithms : null);
  const { jwks_uri } = await getMetadata();
  if (jwks_uri === undefined) throw new AppError('configuration_invalid', { reason: 'metadata_jwks_uri' });
  return { issuer, clientId, algorithm, keys: signingKeys(jwks_uri, patience) };
}

/**
 * The key resolver for one JWKS address. A server may sign with a new key right after our last request for
 * its keys, and some put it in the place of the old one, under the same id. A token that came over a
 * connection of ours waits for the end of the cool-down and is checked against the keys once more. A token
 * that any client may send to us does not wait, so that false ones hold no request open.
 */
export function signingKeys(jwksUri: string, { isPatient }: Patience): SigningKeys {
  const keys = processSingleton(`keys-of.${jwksUri}`, () =>
    createRemoteJWKSet(new URL(jwksUri), {
      cooldownDuration: coolDownMs,
      cacheMaxAge: 10 * 60_000,
      timeoutDuration: 8_000,
      [customFetch]: (url, { headers, signal }) =>
        fetchFromAuthorizationServer(url, { method: 'GET', headers, signal }),
    }),
  );
  const find: JWTVerifyGetKey = async (header, token) => {
    const isCoolingDown = isPatient && keys.coolingDown;
    try {
      return await keys(header, token);
    } catch (error) {
      if (!isCoolingDown || !isUnknownKey(error)) throw error;
      await pause(coolDownMs);
      return keys(header, token);
    }
  };
  const renew = async () => {
    if (keys.coolingDown && !isPatient) return false;
    if (keys.coolingDown) await pause(coolDownMs);
    // Another token may have had them fetched meanwhile. Without new keys, the signature stays wrong.
    return (
      keys.coolingDown ||
      keys.reload().then(
        () => true,
        () => false,
      )
    );
  };
  return Object.assign(find, { renew });
}

/** By the stable code and not by class, because guard and pages each have a jose of their own. */
function isUnknownKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === errors.JWKSNoMatchingKey.code;
}
