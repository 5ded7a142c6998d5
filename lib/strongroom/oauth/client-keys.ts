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

/**
 * The first key of `AUTH_CLIENT_KEYS` with the algorithm that the server takes; null where there is no key.
 * @throws AppError of the metadata request
 */
export async function clientSigningKey(): Promise<ClientSigningKey | null> {
  const [first] = getConfig().clientKeys;
  if (first === undefined) return null;
  const { token_endpoint_auth_signing_alg_values_supported: offered } = await getMetadata();
  const alg = chooseAlgorithm(first, offered);
  return { key: await importOnce(first, alg), kid: first.kid, alg };
}

/** What the key says is used though the metadata do not list it: not all of them are complete. */
function chooseAlgorithm({ algorithms }: ClientKey, offered: readonly string[] = []): string {
  return algorithms.find((alg) => offered.includes(alg)) ?? algorithms[0] ?? '';
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
