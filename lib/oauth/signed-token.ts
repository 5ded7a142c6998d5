/**
 * What ID tokens and logout tokens have in common: a signature by the authorization server with a fixed list of algorithms, its name, ours,
 * and sane times. @see RFC 8725 §3, RFC 7519 §4.1
 */
import 'server-only';
import { errors, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import type { Clock } from '@/lib/base/clock';
import { AppError, findAppError } from '@/lib/base/errors';

/** Never `none`, never a shared secret, and never what the token or the metadata would like. */
const safeAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const toleranceSec = 60;

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

/** @throws AppError `answer_not_believed` with the failed check as reason; `sign_in_service_down` when the keys cannot be had */
export async function verifySignedToken(
  token: string,
  rules: TokenRules,
  clock: Clock,
): Promise<JWTVerifyResult> {
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
    if (error instanceof errors.JWKSTimeout)
      throw new AppError('sign_in_service_down', { reason: 'keys_timeout', cause: error });
    if (isAboutKeys(error))
      throw new AppError('sign_in_service_down', { reason: 'keys_unusable', cause: error });
    throw new AppError('answer_not_believed', {
      reason: `${rules.name}_${describeRefusal(error)}`,
      cause: error,
    });
  }
}

/** `EdDSA` and `Ed25519` are two names of one. @see RFC 9864 §2.2 */
function listAlgorithms(only: string | null): string[] {
  if (only === null) return safeAlgorithms;
  return only === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [only];
}

/** The address of the keys answered, but not with keys: nothing was said about the token. */
function isAboutKeys(error: unknown): boolean {
  return (
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
  );
}

/** Which claim, or which kind of failure. */
function describeRefusal(error: unknown): string {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return error.claim;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'alg';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'key';
  return 'malformed';
}
