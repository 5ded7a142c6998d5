/**
 * The headers and claims of signed tokens, checked by type before anything else: a value of the wrong type is
 * neither compared nor converted.
 * @see RFC 7515 §4.1, RFC 7519 §4.1, OIDC Core §2
 */
import 'server-only';
import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { z } from 'zod';

/**
 * The library reads past line ends, spaces and padding in a signature. RFC 7515 §2 allows no line breaks,
 * whitespace or other characters.
 */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const text = z.string();
const headerTypes = z.object({
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
const claimTypes = z.object({
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
export type TokenClaims = JWTPayload & Omit<z.infer<typeof claimTypes>, 'acr' | 'session_expiry'>;

/** What a token says, verified by nothing; or the name of the header or claim that has the wrong type. */
type ParsedToken =
  | { header: TokenHeader; claims: TokenClaims; wrongField: null }
  | { header: null; claims: null; wrongField: string };

export function parseToken(token: string): ParsedToken {
  const wrong = (field: PropertyKey | undefined): ParsedToken => ({
    header: null,
    claims: null,
    wrongField: String(field),
  });
  try {
    if (!compactJws.test(token)) return wrong('malformed');
    const [header, claims] = [decodeProtectedHeader(token), decodeJwt(token)];
    const issue =
      headerTypes.safeParse(header).error?.issues[0] ?? claimTypes.safeParse(claims).error?.issues[0];
    if (issue !== undefined) return wrong(issue.path[0]);
    return { header: header as TokenHeader, claims: claims as TokenClaims, wrongField: null };
  } catch {
    return wrong('malformed');
  }
}

/** What a session at the authorization server is called here: `sid` itself, or its hash when it is long. */
export function nameProviderSession(sid: string): string {
  return sid.length <= maxSidChars ? sid : createHash('sha256').update(sid).digest('base64url');
}
const maxSidChars = 255;

/**
 * Whether a `sub` can be kept: opaque text of up to 255 characters. What has no one encoding, such as half a
 * surrogate pair, could be taken for another user's.
 */
export function isSubject(sub: string): boolean {
  return sub !== '' && [...sub].length <= 255 && sub.isWellFormed() && !/\p{Cc}/u.test(sub);
}
