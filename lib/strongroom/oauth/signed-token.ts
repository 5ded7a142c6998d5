/**
 * Verifies what ID tokens and logout tokens have in common: headers and claims of the right type, a signature
 * by the authorization server with a fixed list of algorithms, the issuer, our client id as audience, and
 * sane times.
 * @see RFC 8725 §3, RFC 7519 §4.1
 */
import 'server-only';
import { compactVerify, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../base/clock';
import { AppError, findAppError, type ReasonOf } from '../base/errors';
import { isRecord } from '../base/guards';
import { parseToken, type TokenClaims, type TokenHeader } from './token-types';

/**
 * Every algorithm that is accepted, and its hash. Never `none`, never a shared secret, and never what the
 * token or the metadata would like. `EdDSA` and `Ed25519` are two names of one. @see RFC 9864 §2.2
 */
export const hashOfAlgorithm: Readonly<Record<string, string>> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  PS256: 'sha256',
  PS384: 'sha384',
  PS512: 'sha512',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: 'sha512',
  Ed25519: 'sha512',
};
/**
 * Clocks of two servers differ by up to a minute: for `exp`, `nbf` and `iat`, of ID tokens and logout tokens
 * alike.
 */
export const clockToleranceSec = 60;
/** The check of a signature that failed; `malformed` where there is no other word. */
type SignatureCheck = 'malformed' | 'alg' | 'kid' | 'signature';
type ClaimCheck = 'iss' | 'aud' | 'exp' | 'iat' | 'nbf';

type InvalidReason = ReasonOf<'invalid_response'>;
type ReasonsOf<Check extends string> = Readonly<Record<Check, InvalidReason>>;

/**
 * The keys of the authorization server. `renew` fetches them again, and says whether they may be others now.
 */
export type SigningKeys = JWTVerifyGetKey & { renew?: () => Promise<boolean> };

export type SignatureRules = {
  /** For the log. */
  reasons: ReasonsOf<SignatureCheck>;
  keys: SigningKeys;
  /** What alone is accepted (`AUTH_SIGNING_ALG`, `SECURITY_PROFILE`); null or left out: any safe algorithm. */
  algorithm?: string | readonly string[] | null;
};

export type TokenRules = SignatureRules & {
  /** Also by the name of a header or claim that has the wrong type; `malformed` for one that is not there. */
  reasons: ReasonsOf<ClaimCheck> & Readonly<Record<string, InvalidReason>>;
  issuer: string;
  clientId: string;
  maxAgeSec: number;
  /** Throws when the token is not of the kind that it should be, or not for this request. */
  validate: (header: TokenHeader, claims: TokenClaims) => void;
};

/**
 * Types come first, and keys that cannot be had and clocks that differ come last: an error that says
 * `isUnverifiable` is about a token with which nothing else is wrong.
 * @throws AppError `invalid_response` with the failed check as reason; `temporarily_unavailable` when the
 *   keys are out of reach
 */
export async function verifySignedToken(
  token: string,
  rules: TokenRules,
  clock: Clock,
): Promise<TokenClaims> {
  const { header, claims, wrongField } = parseToken(token);
  if (wrongField !== null) throw invalid(reasonOfField(wrongField, rules));
  const keyFailure = await findKeyFailure(token, rules);
  validateParties(claims, rules);
  rules.validate(header, claims);
  if (keyFailure !== null) throw keyFailure;
  validateTimes(claims, rules, clock());
  return claims;
}

function reasonOfField(field: string, { reasons }: TokenRules): InvalidReason {
  return (Object.hasOwn(reasons, field) ? reasons[field] : undefined) ?? reasons.malformed;
}

/**
 * For tokens that need not say whom they are for: signed userinfo.
 * @returns null when the signature is right, or why the key for it cannot be had
 * @throws AppError when the signature is wrong
 */
export async function findKeyFailure(token: string, rules: SignatureRules): Promise<AppError | null> {
  const { keys } = rules;
  const algorithms = listAlgorithms(rules.algorithm ?? null);
  const verify = () => compactVerify(token, keys, { algorithms });
  try {
    // A server may have put a new key in the place of an old one, under the same id.
    await verify().catch(async (error: unknown) => {
      if (codeOf(error) !== badSignature || !(await keys.renew?.())) throw error;
      await verify();
    });
    return null;
  } catch (error) {
    const failure = explainFailure(error, rules);
    if (failure.isUnverifiable) return failure;
    throw failure;
  }
}

function listAlgorithms(only: string | readonly string[] | null): string[] {
  if (only === null) return Object.keys(hashOfAlgorithm);
  return [only].flat().flatMap((alg) => (alg === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [alg]));
}

function explainFailure(cause: unknown, { reasons }: SignatureRules): AppError {
  const known = findAppError(cause);
  // A copy: others may hold the same error.
  if (known !== null) return AppError.unverifiable(known);
  const code = codeOf(cause);
  const keyReason = Object.hasOwn(keyFailures, code) ? keyFailures[code] : undefined;
  if (keyReason !== undefined)
    return new AppError('temporarily_unavailable', { reason: keyReason, cause, isUnverifiable: true });
  const check = Object.hasOwn(checkOfCode, code) ? checkOfCode[code] : undefined;
  const reason = reasons[check ?? 'malformed'];
  return new AppError('invalid_response', { reason, cause, isUnverifiable: check === 'kid' });
}

/** The keys could not be fetched, so it is unknown whether the token is valid. */
const keyFailures: Readonly<Record<string, ReasonOf<'temporarily_unavailable'>>> = {
  ERR_JWKS_TIMEOUT: 'keys_timeout',
  ERR_JWKS_INVALID: 'keys_unusable',
  ERR_JOSE_GENERIC: 'keys_unusable',
};

const badSignature = 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';
const checkOfCode: Readonly<Record<string, 'alg' | 'signature' | 'kid'>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'alg',
  [badSignature]: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'kid',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'kid',
};

/** By the stable code and not by class, because guard and pages each have a jose of their own. */
function codeOf(error: unknown): string {
  return isRecord(error) && typeof error.code === 'string' ? error.code : '';
}

function validateParties({ iss, aud }: TokenClaims, { issuer, clientId, reasons }: TokenRules): void {
  if (iss !== issuer) throw invalid(reasons.iss);
  if (![aud].flat().includes(clientId)) throw invalid(reasons.aud);
}

/** Times fail because clocks differ, whichever user the token is for. */
function validateTimes({ iat, exp, nbf }: TokenClaims, rules: TokenRules, atSec: number): void {
  const { reasons, maxAgeSec } = rules;
  const tooLate = (reason: InvalidReason) =>
    new AppError('invalid_response', { reason, isUnverifiable: true });
  if (nbf !== undefined && nbf > atSec + clockToleranceSec) throw tooLate(reasons.nbf);
  if (exp !== undefined && exp <= atSec - clockToleranceSec) throw tooLate(reasons.exp);
  if (iat === undefined) throw invalid(reasons.iat);
  const ageSec = atSec - iat;
  if (ageSec < -clockToleranceSec || ageSec > maxAgeSec + clockToleranceSec) throw tooLate(reasons.iat);
}

function invalid(reason: InvalidReason): AppError {
  return new AppError('invalid_response', { reason });
}
