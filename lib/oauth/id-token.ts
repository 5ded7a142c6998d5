/**
 * Judges an ID token in full: signature with a fixed list of algorithms, then every claim we rely on. The transport is not proof.
 * @see OIDC Core §3.1.3.7, §3.1.3.8 (at_hash), RFC 8725 §3
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { errors, type JWTHeaderParameters, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Clock, nowSec } from '@/lib/base/clock';
import { AppError, findAppError } from '@/lib/base/errors';

/** Never `none`, never a shared secret, and never what the token or the metadata would like. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const hashOf: Record<string, string> = {
  RS256: 'sha256',
  PS256: 'sha256',
  ES256: 'sha256',
  EdDSA: 'sha512',
  Ed25519: 'sha512',
};
const toleranceSec = 60;
const maxAgeSec = 24 * 3600;
const maxLifetimeSec = 366 * 24 * 3600;
const maxChars = 100_000;

export type IdTokenExpectation = {
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  /** The access token it came with, for `at_hash`. */
  accessToken: string;
  /** The nonce of the request, or null where none was sent (refresh). */
  nonce: string | null;
};

export type IdTokenClaims = JWTPayload & { sub: string; iss: string; iat: number; exp: number };

/** @throws AppError `answer_not_believed` with the failed check as reason; `sign_in_service_down` when the keys cannot be had */
export async function verifyIdToken(
  idToken: string,
  expected: IdTokenExpectation,
  clock: Clock = nowSec,
): Promise<IdTokenClaims> {
  if (idToken.length > maxChars) refuse('id_token_too_large');
  const { payload, protectedHeader } = await verifySignature(idToken, expected, clock);
  judgeHeader(protectedHeader);
  judgeAudience(payload, expected.clientId);
  judgeTimes(payload, clock());
  if (expected.nonce !== null && payload.nonce !== expected.nonce) refuse('id_token_nonce');
  if (
    payload.at_hash !== undefined &&
    payload.at_hash !== hashToken(expected.accessToken, protectedHeader.alg)
  )
    refuse('id_token_at_hash');
  return judgeSubject(payload);
}

async function verifySignature(idToken: string, expected: IdTokenExpectation, clock: Clock) {
  try {
    return await jwtVerify(idToken, expected.keys, {
      algorithms,
      issuer: expected.issuer,
      audience: expected.clientId,
      clockTolerance: toleranceSec,
      maxTokenAge: maxAgeSec,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      currentDate: new Date(clock() * 1000),
    });
  } catch (error) {
    const known = findAppError(error);
    if (known !== null) throw known;
    if (error instanceof errors.JWKSTimeout)
      throw new AppError('sign_in_service_down', { reason: 'keys_timeout', cause: error });
    if (isAboutKeys(error))
      throw new AppError('sign_in_service_down', { reason: 'keys_unusable', cause: error });
    throw new AppError('answer_not_believed', { reason: describeRefusal(error), cause: error });
  }
}

/** The address of the keys answered, but not with keys: nothing was said about the token. */
function isAboutKeys(error: unknown): boolean {
  return (
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
  );
}

/** One word for the log: which claim, or which kind of failure. */
function describeRefusal(error: unknown): string {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return `id_token_${error.claim}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'id_token_alg';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'id_token_signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'id_token_key';
  return 'id_token_malformed';
}

/** An access token, logout token or proof that is signed by the same keys is still no ID token. @see RFC 8725 §3.11 */
function judgeHeader(header: JWTHeaderParameters): void {
  if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') refuse('id_token_typ');
}

function judgeAudience(payload: JWTPayload, clientId: string): void {
  if (payload.azp !== undefined && payload.azp !== clientId) refuse('id_token_azp');
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload.azp !== clientId)
    refuse('id_token_aud');
}

function judgeTimes(payload: JWTPayload, atSec: number): void {
  const { exp, iat, nbf } = payload;
  for (const time of [exp, iat, nbf])
    if (time !== undefined && !Number.isSafeInteger(Math.floor(time))) refuse('id_token_times');
  if (exp === undefined || exp > atSec + maxLifetimeSec) refuse('id_token_exp');
}

/** When the person signed in, in seconds since the epoch, or null when the token does not say. @see OIDC Core §2 (auth_time) */
export function readAuthTime({ auth_time: authTime }: IdTokenClaims): number | null {
  return typeof authTime === 'number' && Number.isSafeInteger(authTime) && authTime > 0 ? authTime : null;
}

function judgeSubject(payload: JWTPayload): IdTokenClaims {
  const { sub } = payload;
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) refuse('id_token_sub');
  return payload as IdTokenClaims;
}

/** Left half of the hash of the access token. @see OIDC Core §3.1.3.8 */
function hashToken(accessToken: string, alg: string): string {
  const digest = createHash(hashOf[alg] ?? 'sha256')
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

function refuse(reason: string): never {
  throw new AppError('answer_not_believed', { reason });
}
