/**
 * The headers and claims of signed tokens, checked by type before anything else: a value of the wrong type is
 * neither compared nor converted. Pure.
 * @see RFC 7515 §4.1, RFC 7519 §4.1, OIDC Core §2
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';

/**
 * The library reads past line ends, spaces and padding in a signature. RFC 7515 §2 allows no line breaks,
 * whitespace or other characters.
 */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** An encrypted token has five parts, of which some may be empty. @see RFC 7516 §7.1 */
const compactJwe = /^[\w-]+(?:\.[\w-]*){4}$/;

const text = z.string();
const headerTypes = z.looseObject({
  alg: text,
  typ: text.optional(),
  cty: text.optional(),
  kid: text.optional(),
  jku: text.optional(),
  x5u: text.optional(),
  x5t: text.optional(),
  'x5t#S256': text.optional(),
  x5c: z.array(text).optional(),
  jwk: z.record(text, z.unknown()).optional(),
  // The payload of a JWT is always encoded. @see RFC 7797 §7
  b64: z.undefined().optional(),
});
const claimTypes = z.looseObject({
  iss: text.optional(),
  aud: z.union([text, z.array(text)]).optional(),
  iat: z.number().optional(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  sub: text.optional(),
  sid: text.optional(),
  jti: text.optional(),
  nonce: text.optional(),
  azp: text.optional(),
  at_hash: text.optional(),
  auth_time: z.number().optional(),
  events: z.record(text, z.unknown()).optional(),
  // Some servers write null for what they do not know, and nothing is granted by these two.
  acr: text.nullish(),
  session_expiry: z.number().nullish(),
});

export type TokenHeader = z.infer<typeof headerTypes>;
export type TokenClaims = z.infer<typeof claimTypes>;
/** Whom a sign-in is about: `iss` and `sub` together are the identity. */
export type IdentityClaims = TokenClaims & { iss: string; sub: string };

/**
 * What a token says, verified by nothing; or the name of the header or claim that has the wrong type,
 * `malformed` or `encrypted`.
 */
type ParsedToken =
  | { header: TokenHeader; claims: TokenClaims; wrongField: null }
  | { header: null; claims: null; wrongField: string };

export function parseToken(token: string): ParsedToken {
  try {
    if (!compactJws.test(token)) return wrong(isEncrypted(token) ? 'encrypted' : 'malformed');
    const header = headerTypes.safeParse(decodeProtectedHeader(token));
    const claims = claimTypes.safeParse(decodeJwt(token));
    if (!header.success) return wrong(header.error.issues[0]?.path[0]);
    if (!claims.success) return wrong(claims.error.issues[0]?.path[0]);
    return { header: header.data, claims: claims.data, wrongField: null };
  } catch {
    return wrong('malformed');
  }
}

function isEncrypted(token: string): boolean {
  return compactJwe.test(token) && typeof decodeProtectedHeader(token).enc === 'string';
}

function wrong(field: PropertyKey = 'malformed'): ParsedToken {
  return { header: null, claims: null, wrongField: String(field) };
}

/** What a response that is no token says of its user, without what only a token can say. */
export function withoutTokenClaims(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([name]) => !Object.hasOwn(claimTypes.shape, name)),
  );
}

/**
 * Whether a `sub` can be kept: opaque text of up to 255 characters. What has no one encoding, such as half a
 * surrogate pair, could be taken for another user's.
 */
export function isSubject(sub: string): boolean {
  return sub !== '' && [...sub].length <= 255 && sub.isWellFormed() && !/\p{Cc}/u.test(sub);
}
