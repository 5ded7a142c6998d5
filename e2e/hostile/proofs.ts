/**
 * What a client with keys signs, verified as every honest server does it: assertions of the client and proofs
 * of DPoP, with ES256. @see RFC 7523 §3, RFC 9449 §4.3, FAPI 2.0 Security Profile §5.3.3
 */
import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';

type Signed = { header: Record<string, unknown>; claims: Record<string, unknown> };

/** What of a proof the server goes on with. */
export type Proof = { jkt: string; nonce: unknown };

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const maxSec = 300;

/** @returns header and claims, or null when the key has not signed them */
function readSigned(token: string, key: JsonWebKey): Signed | null {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const options = { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
  const input = Buffer.from(`${header}.${claims}`);
  if (!verify('sha256', input, options, Buffer.from(signature, 'base64url'))) return null;
  return { header: decode(header), claims: decode(claims) };
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** @returns what is wrong with the assertion of a posted form, and its id, which may be used once */
export function checkAssertion(
  form: URLSearchParams,
  { id, key, issuer }: { id: string; key: JsonWebKey; issuer: string },
): { faults: string[]; jti: string } {
  const { header, claims } = readSigned(form.get('client_assertion') ?? '', key) ?? {
    header: {},
    claims: {},
  };
  const { iss, sub, aud, exp, iat, jti } = claims;
  const nowSec = Date.now() / 1000;
  const checks: Record<string, boolean> = {
    client_assertion_type: form.get('client_assertion_type') === assertionType,
    'a signature': header.alg === 'ES256',
    kid: typeof header.kid === 'string',
    'iss and sub': iss === id && sub === id,
    client_id: [null, id].includes(form.get('client_id')),
    'aud, which is the issuer as a text': aud === issuer,
    exp: Number(exp) > nowSec - 60 && Number(exp) <= nowSec + maxSec,
    iat: Math.abs(Number(iat) - nowSec) <= maxSec,
    jti: typeof jti === 'string' && jti.length >= 16,
    'no secret': !form.has('client_secret'),
  };
  return { faults: listFaults(checks), jti: String(jti) };
}

/** @param token the access token that comes with it; null at the token endpoint */
export function checkProof(
  proof: string,
  { method, address, token }: { method: string; address: string; token: string | null },
): { faults: string[]; jti: string; proof: Proof } {
  const jwk = (decode(proof.split('.')[0] ?? '').jwk ?? {}) as JsonWebKey;
  const { header, claims } = readSigned(proof, jwk) ?? { header: {}, claims: {} };
  const { htm, htu, iat, jti, ath, nonce } = claims;
  const checks: Record<string, boolean> = {
    typ: header.typ === 'dpop+jwt',
    'a signature': header.alg === 'ES256',
    'the public key alone': jwk.d === undefined,
    htm: htm === method,
    htu: htu === address.split('?')[0],
    iat: Math.abs(Number(iat) - Date.now() / 1000) <= maxSec,
    jti: typeof jti === 'string' && jti.length >= 16,
    ath: ath === (token === null ? undefined : hash(token)),
  };
  return { faults: listFaults(checks), jti: String(jti), proof: { jkt: thumbprintOf(jwk), nonce } };
}

function listFaults(checks: Record<string, boolean>): string[] {
  return Object.entries(checks).flatMap(([name, isRight]) => (isRight ? [] : [name]));
}

/** @see RFC 7638 §3.2 */
function thumbprintOf({ crv, kty, x, y }: JsonWebKey): string {
  return hash(JSON.stringify({ crv, kty, x, y }));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
