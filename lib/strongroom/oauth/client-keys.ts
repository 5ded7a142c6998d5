/**
 * The keys of this client: the one that signs what only we can say (assertions, request objects), and the public
 * set by which the server verifies it.
 * @see RFC 7523 §2.2, RFC 7517 §5
 */
import 'server-only';
import { importJWK } from 'jose';
import { processSingleton } from '../base/process-singleton';
import type { ClientKey } from '../config/client-keys';
import { getConfig } from '../config/config';
import { getMetadata } from './metadata';

export type ClientSigningKey = { key: CryptoKey; kid: string; alg: string };

/** Where the metadata say which algorithms the server takes. */
export const algorithmFields = {
  assertion: 'token_endpoint_auth_signing_alg_values_supported',
  requestObject: 'request_object_signing_alg_values_supported',
} as const;

/**
 * The first key of `AUTH_CLIENT_KEYS` with an algorithm that the server takes for this; null where there is no key.
 * A server that says nothing of request objects verifies them as it does assertions. Where no key fits, no sign-in
 * begins (server-requirements.ts), and what is sent for those before is tried with the first one.
 * @throws AppError of the metadata request
 */
export async function clientSigningKey(
  use: keyof typeof algorithmFields = 'assertion',
): Promise<ClientSigningKey | null> {
  const { clientKeys } = getConfig();
  const server = await getMetadata();
  const offered = server[algorithmFields[use]] ?? server[algorithmFields.assertion];
  const chosen = findFittingKey(clientKeys, offered) ?? findFittingKey(clientKeys);
  if (chosen === null) return null;
  const { key, alg } = chosen;
  return { key: await importOnce(key, alg), kid: key.kid, alg };
}

/** @param offered any algorithm where it is left out. Pure. */
function findFittingKey(
  keys: readonly ClientKey[],
  offered?: readonly string[],
): { key: ClientKey; alg: string } | null {
  for (const key of keys) {
    const alg = key.algorithms.find((one) => offered === undefined || offered.includes(one));
    if (alg !== undefined) return { key, alg };
  }
  return null;
}

/** The public parts of all keys: also of one that does not sign yet, or no longer. */
export function publicClientKeys(): { keys: ClientKey['publicJwk'][] } {
  return { keys: getConfig().clientKeys.map(({ publicJwk }) => publicJwk) };
}

/** An imported key works with one algorithm, and cannot be exported again. */
function importOnce({ kid, privateJwk }: ClientKey, alg: string): Promise<CryptoKey> {
  return processSingleton(`client-key ${kid} ${alg}`, async () => {
    const key = await importJWK({ ...privateJwk }, alg);
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    return key;
  });
}
