/**
 * Finds the access token in a request: in one Authorization header and nowhere else.
 * Pure. @see RFC 6750 §2 and §3.1, RFC 9449 §7.1
 */
import type { ChallengeScheme } from './challenge.ts';

export type PresentedToken = { scheme: ChallengeScheme; token: string; proof: string | null };

export type Credentials =
  | { kind: 'none' }
  /** Not one token in one place: the client is wrong, not the token. */
  | { kind: 'ambiguous'; reason: string }
  | { kind: 'unreadable'; scheme: ChallengeScheme; reason: string }
  | { kind: 'token'; presented: PresentedToken };

/** Every value of a header that came, in order; Node joins or drops repeated ones elsewhere. */
export type DistinctHeaders = { authorization?: string[]; dpop?: string[] };

const schemes: Record<string, ChallengeScheme> = { bearer: 'Bearer', dpop: 'DPoP' };
// b64token of RFC 6750 §2.1.
const tokenCharacters = /^[A-Za-z0-9._~+/-]+=*$/;

export function readCredentials(headers: DistinctHeaders, hasTokenElsewhere: boolean): Credentials {
  const authorization = headers.authorization ?? [];
  if (authorization.length > 1) return { kind: 'ambiguous', reason: 'repeated_authorization' };
  if (hasTokenElsewhere) return { kind: 'ambiguous', reason: 'token_outside_header' };
  if (authorization[0] === undefined) return { kind: 'none' };

  const [name = '', token = '', ...rest] = authorization[0].trim().split(/ +/);
  const scheme = schemes[name.toLowerCase()];
  if (!scheme) return { kind: 'none' };
  if (rest.length > 0 || !tokenCharacters.test(token))
    return { kind: 'unreadable', scheme, reason: 'token_characters' };

  const proofs = headers.dpop ?? [];
  if (proofs.length > 1) return { kind: 'unreadable', scheme, reason: 'repeated_proof' };
  return { kind: 'token', presented: { scheme, token, proof: proofs[0] ?? null } };
}
