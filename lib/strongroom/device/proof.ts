/**
 * Verifies the JWT with which a browser proves that it holds the private key of its session. It is signed for
 * one challenge, and says nothing of who, for whom or when: what it proves is in the challenge.
 * @see Device Bound Session Credentials §9.10 (DBSC proof), RFC 7515 §5.2
 */
import 'server-only';
import { compactVerify, decodeProtectedHeader, importJWK, type ProtectedHeaderParameters } from 'jose';
import { isRecord } from '../base/guards';
import { type DeviceKey, deviceAlgorithms, readDeviceKey, toJwk } from './device-key';

export type ProofFault =
  | 'proof_missing'
  | 'proof_too_large'
  | 'proof_malformed'
  | 'proof_typ'
  | 'proof_alg'
  /** At registration no key, a weak one, or a private one; at a renewal any key. */
  | 'proof_key'
  | 'proof_signature'
  | 'challenge_missing';

export type ProofResult =
  | { kind: 'verified'; challenge: string; key: DeviceKey }
  | { kind: 'rejected'; reason: ProofFault };

/** With an RSA key of 4,096 bits, a registration takes 1,700 characters. */
const maxProofChars = 4_000;

/** @param known the key of the session; null at registration, where the proof brings it */
export async function verifyProof(text: string | null, known: DeviceKey | null): Promise<ProofResult> {
  if (text === null || text === '') return rejected('proof_missing');
  if (text.length > maxProofChars) return rejected('proof_too_large');
  const header = readHeader(text);
  if (header === null) return rejected('proof_malformed');
  if (header.typ !== 'dbsc+jwt') return rejected('proof_typ');
  const alg = deviceAlgorithms.find((one) => one === header.alg);
  if (alg === undefined || (known !== null && !known.startsWith(`${alg}.`))) return rejected('proof_alg');
  if (known !== null && header.jwk !== undefined) return rejected('proof_key');
  const key = known ?? readDeviceKey(alg, header.jwk);
  const publicKey = key === null ? null : await importJWK(toJwk(key), alg).catch(() => null);
  if (key === null || publicKey === null) return rejected('proof_key');
  const verified = await compactVerify(text, publicKey, { algorithms: [alg] }).catch(() => null);
  if (verified === null) return rejected('proof_signature');
  const challenge = readChallenge(verified.payload);
  return challenge === null ? rejected('challenge_missing') : { kind: 'verified', challenge, key };
}

function rejected(reason: ProofFault): ProofResult {
  return { kind: 'rejected', reason };
}

function readHeader(text: string): ProtectedHeaderParameters | null {
  try {
    return decodeProtectedHeader(text);
  } catch {
    return null;
  }
}

function readChallenge(payload: Uint8Array): string | null {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return isRecord(claims) && typeof claims.jti === 'string' ? claims.jti : null;
  } catch {
    return null;
  }
}
