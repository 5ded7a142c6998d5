/**
 * Verifies an ID token in full: the signature with a fixed list of algorithms, then every claim we rely on.
 * That it came over TLS is not proof.
 * @see OIDC Core §3.1.3.7, §3.1.3.8 (at_hash), RFC 8725 §3
 */
import 'server-only';
import { createHash } from 'node:crypto';
import type { JWTHeaderParameters, JWTPayload, JWTVerifyGetKey } from 'jose';
import { type Clock, nowSec } from '../base/clock';
import { AppError, type ReasonOf } from '../base/errors';
import { verifySignedToken } from './signed-token';

const hashOf: Record<string, string> = {
  RS256: 'sha256',
  PS256: 'sha256',
  ES256: 'sha256',
  EdDSA: 'sha512',
  Ed25519: 'sha512',
};
const maxAgeSec = 24 * 3600;
const maxLifetimeSec = 366 * 24 * 3600;
const maxChars = 100_000;

const reasons = {
  malformed: 'id_token_malformed',
  alg: 'id_token_alg',
  key: 'id_token_key',
  signature: 'id_token_signature',
  iss: 'id_token_iss',
  aud: 'id_token_aud',
  sub: 'id_token_sub',
  exp: 'id_token_exp',
  iat: 'id_token_iat',
  nbf: 'id_token_nbf',
} as const;

export type IdTokenExpectation = {
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  /** The only algorithm that is accepted; null or left out: any of the safe ones. */
  algorithm?: string | null;
  /** The access token it came with, for `at_hash`. */
  accessToken: string;
  /** The nonce of the request, or null where none was sent (refresh). */
  nonce: string | null;
};

export type IdTokenClaims = JWTPayload & { sub: string; iss: string; iat: number; exp: number };

/**
 * @throws AppError `invalid_response` with the failed check as reason; `temporarily_unavailable` when the
 *   keys are out of reach
 */
export async function verifyIdToken(
  idToken: string,
  expected: IdTokenExpectation,
  clock: Clock = nowSec,
): Promise<IdTokenClaims> {
  if (idToken.length > maxChars) reject('id_token_too_large');
  const rules = { ...expected, reasons, maxAgeSec, requiredClaims: ['sub'] };
  const { payload, protectedHeader } = await verifySignedToken(idToken, rules, clock);
  validateHeader(protectedHeader);
  validateAudience(payload, expected.clientId);
  validateTimes(payload, clock());
  if (expected.nonce !== null && payload.nonce !== expected.nonce) reject('id_token_nonce');
  if (
    payload.at_hash !== undefined &&
    payload.at_hash !== hashToken(expected.accessToken, protectedHeader.alg)
  )
    reject('id_token_at_hash');
  return validateSubject(payload);
}

/**
 * An access token, logout token or proof that is signed by the same keys is still no ID token.
 * @see RFC 8725 §3.11
 */
function validateHeader(header: JWTHeaderParameters): void {
  if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') reject('id_token_typ');
}

function validateAudience(payload: JWTPayload, clientId: string): void {
  if (payload.azp !== undefined && payload.azp !== clientId) reject('id_token_azp');
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload.azp !== clientId)
    reject('id_token_aud');
}

function validateTimes(payload: JWTPayload, atSec: number): void {
  const { exp, iat, nbf, auth_time: authTime } = payload;
  for (const time of [exp, iat, nbf, authTime])
    if (time !== undefined && !isTime(time)) reject('id_token_times');
  if (exp === undefined || exp > atSec + maxLifetimeSec) reject('id_token_exp');
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(Math.floor(value));
}

/**
 * When the user signed in, in seconds since the epoch, or null when the token does not say.
 * @see OIDC Core §2 (auth_time)
 */
export function readAuthTime({ auth_time: authTime }: IdTokenClaims): number | null {
  return typeof authTime === 'number' && Number.isSafeInteger(authTime) && authTime > 0 ? authTime : null;
}

function validateSubject(payload: JWTPayload): IdTokenClaims {
  const { sub } = payload;
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) reject('id_token_sub');
  return payload as IdTokenClaims;
}

/** Left half of the hash of the access token. @see OIDC Core §3.1.3.8 */
function hashToken(accessToken: string, alg: string): string {
  const digest = createHash(hashOf[alg] ?? 'sha256')
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

function reject(reason: ReasonOf<'invalid_response'>): never {
  throw new AppError('invalid_response', { reason });
}
