/**
 * DPoP: the tokens of a session are bound to a key of its own, and each request that uses them carries a proof
 * that is signed with it. The private key is sealed with the tokens, so that it survives a restart and works
 * at every instance, and nothing here outlives one request but imported keys and nonces.
 * @see RFC 9449 §4.2, §8 and §9
 */
import 'server-only';
import { createECDH } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { BoundedMap } from '../base/bounded-map';
import { AppError } from '../base/errors';
import { logFailure } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { type DpopKey, dpopKeySchema } from '../session/session';
import { findRequiredNonce, noteNonce, readNonce } from './dpop-nonces';

/** The one algorithm of our proofs. */
export const proofAlgorithm = 'ES256';
const maxKeys = 5_000;
const keptMs = 3_600_000;

export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey } = await generateKeyPair(proofAlgorithm, { extractable: true });
  return dpopKeySchema.parse((await exportJWK(privateKey)).d);
}

/** Binds the code to the key that will redeem it. @see RFC 9449 §10 */
export async function bindCode(key: DpopKey | null): Promise<Record<string, string>> {
  return key === null ? {} : { dpop_jkt: await calculateJwkThumbprint(publicPartOf(key)) };
}

export type ProvenRequest = {
  /** null: a bearer token, without a proof. */
  key: DpopKey | null;
  url: string | URL;
  /** false: its body can be sent once only. */
  isRepeatable?: boolean;
  /** Else it is a resource server, such as userinfo. */
  isTokenEndpoint?: boolean;
};

/**
 * Sends a request with a proof, and once more when the server requires a nonce: with that of this very
 * response, which no other request has by then. A second such response goes to the caller.
 * @param send may run twice, so it builds its request anew; it hands the options to oauth4webapi
 * @throws AppError `invalid_grant` when the key cannot be used, and what `send` throws
 * @see RFC 9449 §8 and §9
 */
export async function sendWithProof<Sent extends { response: Response }>(
  { key, url, isRepeatable = true, isTokenEndpoint = false }: ProvenRequest,
  send: (proof: { DPoP?: oauth.DPoPHandle }) => Promise<Sent>,
): Promise<Sent> {
  if (key === null) return send({});
  const { origin } = new URL(url);
  const keys = await importKeys(key);
  const first = await send({ DPoP: createProver(keys, readNonce(origin)) });
  const nonce = await findRequiredNonce(first.response, isTokenEndpoint);
  if (nonce === null || !isRepeatable) {
    noteNonce(origin, first.response);
    return first;
  }
  await first.response.body?.cancel();
  const second = await send({ DPoP: createProver(keys, nonce) });
  // Not before: a server may take a nonce once, and it is for this request.
  noteNonce(origin, second.response, nonce);
  return second;
}

/**
 * No metadata say that a server requires DPoP of this client, so the operator learns it from its words. They
 * decide nothing. @see RFC 9449 §5.2 (dpop_bound_access_tokens)
 */
export function logMissingProof(status: number, text: string): void {
  if (status !== 400 || !/\bdpop\b/i.test(text)) return;
  const error = new AppError('configuration_invalid', { reason: 'dpop_required' });
  logFailure('client_rejected', error, { status, variables: 'AUTH_DPOP' });
}

/** For one request: oauth4webapi's memory of nonces is not used; ours is dpop-nonces.ts. */
function createProver(keys: CryptoKeyPair, nonce: string | null): oauth.DPoPHandle {
  return oauth.DPoP({}, keys, {
    [oauth.modifyAssertion]: (_header, payload) => {
      if (nonce !== null) payload.nonce = nonce;
    },
  });
}

/** Imported once: importing costs more than a proof. All bundles of the process share the keys. */
function importKeys(key: DpopKey): Promise<CryptoKeyPair> {
  const known = processSingleton('dpop-keys', () => new BoundedMap<Promise<CryptoKeyPair>>(maxKeys));
  const found = known.get(key) ?? importKeyPair(key);
  known.set(key, found, keptMs);
  return found;
}

async function importKeyPair(key: DpopKey): Promise<CryptoKeyPair> {
  try {
    const publicKey = publicPartOf(key);
    const [signing, verifying] = await Promise.all([
      importJWK({ ...publicKey, d: key }, proofAlgorithm),
      importJWK(publicKey, proofAlgorithm, { extractable: true }),
    ]);
    return { privateKey: signing as CryptoKey, publicKey: verifying as CryptoKey };
  } catch (cause) {
    throw new AppError('invalid_grant', { reason: 'dpop_key', cause });
  }
}

/** The point that belongs to the private key. @see RFC 7518 §6.2.1 */
function publicPartOf(key: DpopKey): JWK {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(key, 'base64url'));
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  return { kty: 'EC', crv: 'P-256', x, y } as JWK;
}
