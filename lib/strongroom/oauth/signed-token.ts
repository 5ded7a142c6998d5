/**
 * Verifies what ID tokens and logout tokens have in common: a signature by the authorization server with a
 * fixed list of algorithms, the issuer, our client id as audience, and sane times.
 * @see RFC 8725 §3, RFC 7519 §4.1
 */
import 'server-only';
import { type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Clock } from '../base/clock';
import { AppError, findAppError, type ReasonOf } from '../base/errors';
import { isRecord } from '../base/guards';

/** Never `none`, never a shared secret, and never what the token or the metadata would like. */
const safeAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
/**
 * Clocks of two servers differ by up to a minute: for `exp`, `nbf` and `iat`, of ID tokens and logout tokens
 * alike.
 */
export const clockToleranceSec = 60;
/**
 * The library reads past line ends, spaces and padding in a signature. RFC 7515 §2 allows no line breaks,
 * whitespace or other characters.
 */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The check that failed. A claim stands for itself. */
type Check = 'malformed' | 'alg' | 'key' | 'signature' | 'iss' | 'aud' | 'exp' | 'iat' | 'nbf';

type InvalidReason = ReasonOf<'invalid_response'>;

export type TokenRules = {
  /** The reason for the log when one of these checks fails, or when a required claim is missing. */
  reasons: Readonly<Record<Check, InvalidReason> & Record<string, InvalidReason>>;
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  /** The only algorithm that is accepted (`AUTH_SIGNING_ALG`); null or left out: any of the safe ones. */
  algorithm?: string | null;
  maxAgeSec: number;
  /** On top of `iss`, `aud`, `exp` and `iat`. */
  requiredClaims: readonly string[];
};

/**
 * @throws AppError `invalid_response` with the failed check as reason; `temporarily_unavailable` when the
 *   keys are out of reach
 */
export async function verifySignedToken(
  token: string,
  rules: TokenRules,
  clock: Clock,
): Promise<JWTVerifyResult> {
  if (!compactJws.test(token)) throw new AppError('invalid_response', { reason: rules.reasons.malformed });
  try {
    return await jwtVerify(token, rules.keys, {
      algorithms: listAlgorithms(rules.algorithm ?? null),
      issuer: rules.issuer,
      audience: rules.clientId,
      clockTolerance: clockToleranceSec,
      maxTokenAge: rules.maxAgeSec,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', ...rules.requiredClaims],
      currentDate: new Date(clock() * 1000),
    });
  } catch (error) {
    throw findAppError(error) ?? explainFailure(error, rules);
  }
}

/** The algorithms that are accepted. `EdDSA` and `Ed25519` are two names of one. @see RFC 9864 §2.2 */
function listAlgorithms(only: string | null): string[] {
  if (only === null) return safeAlgorithms;
  return only === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [only];
}

function explainFailure(cause: unknown, { reasons }: TokenRules): AppError {
  const code = isRecordWithCode(cause) ? cause.code : '';
  const keyReason = Object.hasOwn(keyFailures, code) ? keyFailures[code] : undefined;
  if (keyReason !== undefined)
    return new AppError('temporarily_unavailable', { reason: keyReason, cause, isUnverifiable: true });
  const check = findFailedCheck(code, cause);
  const reason = (Object.hasOwn(reasons, check) ? reasons[check] : undefined) ?? reasons.malformed;
  return new AppError('invalid_response', { reason, cause, isUnverifiable: unverifiable.has(check) });
}

/** Clocks that differ, or a key that is not published yet, say nothing about whose token it is. */
const unverifiable: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'key']);

/** The keys are out of reach, or their address serves something else: nothing was said about the token. */
const keyFailures: Readonly<Record<string, ReasonOf<'temporarily_unavailable'>>> = {
  ERR_JWKS_TIMEOUT: 'keys_timeout',
  ERR_JWKS_INVALID: 'keys_unusable',
  ERR_JOSE_GENERIC: 'keys_unusable',
};

const checkOfCode: Readonly<Record<string, Check>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'alg',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key',
};

/** By the stable code and not by class, because proxy and pages each have a jose of their own. */
function findFailedCheck(code: string, error: unknown): string {
  const isAboutClaim = code === 'ERR_JWT_EXPIRED' || code === 'ERR_JWT_CLAIM_VALIDATION_FAILED';
  if (isAboutClaim && isRecord(error) && typeof error.claim === 'string') return error.claim;
  return (Object.hasOwn(checkOfCode, code) ? checkOfCode[code] : undefined) ?? 'malformed';
}

function isRecordWithCode(error: unknown): error is { code: string } {
  return isRecord(error) && typeof error.code === 'string';
}
