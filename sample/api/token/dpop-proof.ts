/**
 * Judges a DPoP proof on its own, before the library judges proof and token together: so a bad proof gets its own
 * error code, and its age is held to one minute instead of the library's five. @see RFC 9449 §4.3 and §7.1
 */
import { createHash } from 'node:crypto';
import { EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';
import { signingAlgorithms } from './token-header.ts';

export type ProofTarget = { method: string; url: string; token: string; nowSec: number };
export type ProofVerdict = { kind: 'accepted'; jti: string } | { kind: 'refused'; reason: string };

const maxProofCharacters = 8 * 1024;
const maxJtiCharacters = 128;
/** How far from now, both ways, a proof may have been made. Also how long it must be remembered. */
export const proofWindowSec = 60;

export async function judgeProof(proof: string | null, target: ProofTarget): Promise<ProofVerdict> {
  if (proof === null) return { kind: 'refused', reason: 'proof_missing' };
  if (proof.length > maxProofCharacters) return { kind: 'refused', reason: 'proof_too_long' };
  const claims = await readProof(proof);
  if (!claims) return { kind: 'refused', reason: 'proof_signature' };
  const reason = judgeProofClaims(claims, target);
  return reason === null ? { kind: 'accepted', jti: String(claims.jti) } : { kind: 'refused', reason };
}

/** @returns the claims if the proof is signed by the public key that it names itself, or null. */
async function readProof(proof: string): Promise<JWTPayload | null> {
  try {
    const options = { typ: 'dpop+jwt', algorithms: [...signingAlgorithms] };
    const { payload } = await jwtVerify(proof, EmbeddedJWK, options);
    return payload;
  } catch {
    return null;
  }
}

function judgeProofClaims(claims: JWTPayload, { method, url, token, nowSec }: ProofTarget): string | null {
  const { jti, iat, htm, htu, ath } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiCharacters) return 'proof_jti';
  if (typeof iat !== 'number' || Math.abs(nowSec - iat) > proofWindowSec) return 'proof_iat';
  if (htm !== method) return 'proof_htm';
  if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(url)) return 'proof_htu';
  if (ath !== createHash('sha256').update(token).digest('base64url')) return 'proof_ath';
  return null;
}

function withoutQuery(text: string): string | null {
  const url = URL.parse(text);
  if (!url) return null;
  url.search = '';
  url.hash = '';
  return url.href;
}
