/**
 * Verifies an ID token in full: the signature with a fixed list of algorithms, then every claim we rely on.
 * That it came over TLS is not proof.
 * @see OIDC Core §3.1.3.7, §3.1.3.8 (at_hash), RFC 8725 §3
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { type Clock, nowSec } from '../base/clock';
import { AppError, type ReasonOf } from '../base/errors';
import { hashOfAlgorithm, type SigningKeys, verifySignedToken } from './signed-token';
import { type IdentityClaims, isSubject, type TokenClaims, type TokenHeader } from './token-types';

const maxAgeSec = 24 * 3600;
const maxLifetimeSec = 366 * 24 * 3600;
const maxChars = 100_000;

const reasons = {
  malformed: 'id_token_malformed',
  encrypted: 'id_token_encrypted',
  alg: 'id_token_alg',
  kid: 'id_token_key',
  signature: 'id_token_signature',
  typ: 'id_token_typ',
  iss: 'id_token_iss',
  aud: 'id_token_aud',
  sub: 'id_token_sub',
  exp: 'id_token_exp',
  iat: 'id_token_iat',
  nbf: 'id_token_nbf',
  auth_time: 'id_token_times',
  azp: 'id_token_azp',
  nonce: 'id_token_nonce',
  at_hash: 'id_token_at_hash',
} as const;

export type IdTokenExpectation = {
  issuer: string;
  clientId: string;
  keys: SigningKeys;
  /** What alone is accepted; null or left out: any safe algorithm. */
  algorithm?: string | readonly string[] | null;
  /** The access token it came with, for `at_hash`. */
  accessToken: string;
  /** The nonce of the request, or null where none was sent (refresh). */
  nonce: string | null;
  /** Whom the token must be about, where that is known (refresh); null or left out: any user. */
  subject?: string | null;
};

export type IdTokenClaims = IdentityClaims & { iat: number; exp: number };

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
  const validate = (header: TokenHeader, claims: TokenClaims) => {
    validateHeader(header);
    validateAudience(claims, expected.clientId);
    validateSubject(claims, expected.subject ?? null);
    validateTimes(claims, clock());
    validateBinding(claims, expected, header.alg);
  };
  const claims = await verifySignedToken(idToken, { ...expected, reasons, maxAgeSec, validate }, clock);
  return claims as IdTokenClaims;
}

/**
 * An access token, logout token or proof that is signed by the same keys is still no ID token.
 * @see RFC 8725 §3.11
 */
function validateHeader({ typ }: TokenHeader): void {
  if (typ !== undefined && typ.toUpperCase() !== 'JWT') reject('id_token_typ');
}

function validateAudience({ aud, azp }: TokenClaims, clientId: string): void {
  if (azp !== undefined && azp !== clientId) reject('id_token_azp');
  if (Array.isArray(aud) && aud.length > 1 && azp !== clientId) reject('id_token_aud');
}

function validateSubject({ sub }: TokenClaims, subject: string | null): void {
  if (sub === undefined || !isSubject(sub)) reject('id_token_sub');
  if (subject !== null && sub !== subject) reject('id_token_sub');
}

function validateTimes({ exp, iat, nbf, auth_time: authTime }: TokenClaims, atSec: number): void {
  if (iat === undefined) reject('id_token_iat');
  for (const time of [exp, iat, nbf, authTime])
    if (time !== undefined && !isTime(time)) reject('id_token_times');
  if (exp === undefined || exp > atSec + maxLifetimeSec) reject('id_token_exp');
}

/** The token belongs to the request of this browser, and to the access token beside it. */
function validateBinding(
  { nonce, at_hash: hash }: TokenClaims,
  expected: IdTokenExpectation,
  alg: string,
): void {
  if (expected.nonce !== null && nonce !== expected.nonce) reject('id_token_nonce');
  if (hash !== undefined && hash !== hashToken(expected.accessToken, alg)) reject('id_token_at_hash');
}

function isTime(value: number): boolean {
  return Number.isSafeInteger(Math.floor(value));
}

/**
 * When the user signed in, in seconds since the epoch, or null when the token does not say.
 * @see OIDC Core §2 (auth_time)
 */
export function readAuthTime({ auth_time: authTime }: TokenClaims): number | null {
  return authTime !== undefined && Number.isSafeInteger(authTime) && authTime > 0 ? authTime : null;
}

/** Left half of the hash of the access token. @see OIDC Core §3.1.3.8 */
function hashToken(accessToken: string, alg: string): string {
  const digest = createHash(hashOfAlgorithm[alg] ?? 'sha256')
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

function reject(reason: ReasonOf<'invalid_response'>): never {
  throw new AppError('invalid_response', { reason });
}
