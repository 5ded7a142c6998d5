/**
 * Rules about verified claims that go beyond the library's: it checks types, issuer, audience and expiry,
 * but not a time in milliseconds, an issue date in the future or an empty subject. Pure. @see RFC 9068 §2.2, RFC 7519 §4.1
 */
import type { JWTAccessTokenClaims } from 'oauth4webapi';

/** How far two clocks may be apart. */
export const clockToleranceSec = 10;

// 9999-12-31. A later date is milliseconds taken for seconds, or nonsense.
const latestDateSec = 253_402_300_799;
const maxIdentifierCharacters = 255;

type Rule = (claims: JWTAccessTokenClaims, nowSec: number) => boolean;

const rules: Record<string, Rule> = {
  claim_exp: ({ exp }, nowSec) => isDate(exp) && exp > nowSec - clockToleranceSec,
  claim_iat: ({ iat }, nowSec) => isDate(iat) && iat <= nowSec + clockToleranceSec,
  claim_nbf: ({ nbf }, nowSec) => nbf === undefined || (isDate(nbf) && nbf <= nowSec + clockToleranceSec),
  claim_order: ({ exp, iat }) => exp > iat,
  claim_aud: ({ aud }) => [aud].flat().every((audience) => typeof audience === 'string'),
  claim_sub: ({ sub }) => isIdentifier(sub),
  claim_client_id: ({ client_id }) => isIdentifier(client_id),
  claim_jti: ({ jti }) => isIdentifier(jti),
  claim_scope: ({ scope }) => scope === undefined || typeof scope === 'string',
  claim_cnf: ({ cnf }) => cnf === undefined || typeof cnf.jkt === 'string',
};

/** @returns the name of the first rule that the claims break, or null. */
export function judgeClaims(claims: JWTAccessTokenClaims, nowSec: number): string | null {
  const broken = Object.entries(rules).find(([, rule]) => !rule(claims, nowSec));
  return broken ? broken[0] : null;
}

function isDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= latestDateSec;
}

function isIdentifier(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= maxIdentifierCharacters;
}
