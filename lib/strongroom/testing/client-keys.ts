/** Keys of a client, made for one run of the tests. Test support only. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';

type Jwk = Record<string, unknown>;

const generators: Readonly<Record<string, () => { privateKey: KeyObject }>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

/** A private key as a JWK; a member that is changed to undefined is left out. */
export function createClientKey(alg = 'ES256', changes: Jwk = {}): Jwk {
  const make = generators[alg] ?? (() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  return { ...make().privateKey.export({ format: 'jwk' }), kid: `key-${alg}`, alg, ...changes };
}

/** As it stands in `AUTH_CLIENT_KEYS`. */
export function writeKeySet(...keys: readonly unknown[]): string {
  return JSON.stringify({ keys });
}
