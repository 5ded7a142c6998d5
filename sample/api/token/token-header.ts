/**
 * What a token must look like before any key is asked for: size, shape, type, algorithm. Stricter than the library where
 * the library is lenient (`b64`, `zip`, repeated keys). Pure. @see RFC 9068 §2.1 and §4, RFC 8725 §3
 */
import { hasRepeatedKeys } from '../http/repeated-keys.ts';

/** Some authorization servers put a person's every group into the token; Node's server here takes 64 KB of headers. */
const maxTokenCharacters = 48 * 1024;
const maxKeyIdCharacters = 256;

/** Asymmetric only: `none` and HS256 have no place where the key is public. Bound here, never taken from the token. */
export const signingAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export type TokenHeader = { alg: string; kid?: string };
export type TokenShape = { kind: 'readable'; header: TokenHeader } | { kind: 'refused'; reason: string };

// Three parts, none empty. Five would be an encrypted token, which is not spoken here.
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const tokenType = /^(?:application\/)?at\+jwt$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readTokenHeader(token: string): TokenShape {
  if (token.length > maxTokenCharacters) return refuse('token_too_long');
  if (!compactJws.test(token)) return refuse('not_a_signed_token');
  const [headerPart = '', payloadPart = ''] = token.split('.');
  const header = readObject(headerPart);
  // The payload is read again, with its signature, by the library; here only its form counts.
  if (!header || !readObject(payloadPart)) return refuse('token_not_json');
  return judgeHeader(header);
}

function judgeHeader({ typ, alg, kid, crit, b64, zip }: Record<string, unknown>): TokenShape {
  if (typeof typ !== 'string' || !tokenType.test(typ)) return refuse('token_type');
  if (!signingAlgorithms.some((allowed) => allowed === alg)) return refuse('token_algorithm');
  if (crit !== undefined || b64 !== undefined || zip !== undefined) return refuse('token_extension');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKeyIdCharacters))
    return refuse('token_key_id');
  return { kind: 'readable', header: { alg: alg as string, kid } };
}

function readObject(part: string): Record<string, unknown> | null {
  try {
    const json = utf8.decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return hasRepeatedKeys(json) ? null : (value as Record<string, unknown>);
  } catch {
    return null;
  }
}

function refuse(reason: string): TokenShape {
  return { kind: 'refused', reason };
}
