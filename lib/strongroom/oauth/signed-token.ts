/**
 * What ID tokens and logout tokens have in common: a signature by the authorization server with a fixed list of algorithms, its name, ours,
 * and sane times. @see RFC 8725 §3, RFC 7519 §4.1
 */
import 'server-only';
import { type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Clock } from '../base/clock';
import { AppError, findAppError } from '../base/errors';
import { isRecord } from '../base/guards';

/** Never `none`, never a shared secret, and never what the token or the metadata would like. */
const safeAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const toleranceSec = 60;
/** The library reads past line ends, spaces and padding in a signature. @see RFC 7515 §2: without line breaks, whitespace or other characters */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export type TokenRules = {
  /** First word of every reason in the log, such as `id_token`. */
  name: string;
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  /** The only algorithm that is accepted (`AUTH_SIGNING_ALG`); null or left out: any of the safe ones. */
  algorithm?: string | null;
  maxAgeSec: number;
  /** On top of `iss`, `aud`, `exp` and `iat`. */
  requiredClaims: readonly string[];
};

/** @throws AppError `invalid_response` with the failed check as reason; `temporarily_unavailable` when the keys cannot be had */
export async function verifySignedToken(
  token: string,
  rules: TokenRules,
  clock: Clock,
): Promise<JWTVerifyResult> {
  if (!compactJws.test(token)) throw new AppError('invalid_response', { reason: `${rules.name}_malformed` });
  try {
    return await jwtVerify(token, rules.keys, {
      algorithms: listAlgorithms(rules.algorithm ?? null),
      issuer: rules.issuer,
      audience: rules.clientId,
      clockTolerance: toleranceSec,
      maxTokenAge: rules.maxAgeSec,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', ...rules.requiredClaims],
      currentDate: new Date(clock() * 1000),
    });
  } catch (error) {
    const known = findAppError(error);
    if (known !== null) throw known;
    const code = isRecordWithCode(error) ? error.code : '';
    const aboutKeys = Object.hasOwn(keyTroubles, code) ? keyTroubles[code] : undefined;
    if (aboutKeys !== undefined)
      throw new AppError('temporarily_unavailable', { reason: aboutKeys, cause: error });
    throw new AppError('invalid_response', {
      reason: `${rules.name}_${describeRejection(code, error)}`,
      cause: error,
    });
  }
}

/** The algorithms that are accepted. `EdDSA` and `Ed25519` are two names of one. @see RFC 9864 §2.2 */
export function listAlgorithms(only: string | null): string[] {
  if (only === null) return safeAlgorithms;
  return only === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [only];
}

/** The keys cannot be had, or their address answers with something else: nothing was said about the token. */
const keyTroubles: Readonly<Record<string, string>> = {
  ERR_JWKS_TIMEOUT: 'keys_timeout',
  ERR_JWKS_INVALID: 'keys_unusable',
  ERR_JOSE_GENERIC: 'keys_unusable',
};

const rejections: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'alg',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key',
};

/** Which claim, or which kind of failure: by the stable code, because proxy and pages each have a jose of their own. */
function describeRejection(code: string, error: unknown): string {
  const isAboutClaim = code === 'ERR_JWT_EXPIRED' || code === 'ERR_JWT_CLAIM_VALIDATION_FAILED';
  if (isAboutClaim && isRecord(error) && typeof error.claim === 'string') return error.claim;
  return Object.hasOwn(rejections, code) ? (rejections[code] ?? 'malformed') : 'malformed';
}

function isRecordWithCode(error: unknown): error is { code: string } {
  return isRecord(error) && typeof error.code === 'string';
}
