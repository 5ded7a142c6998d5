/** Keys and signatures of a server that lies: any key under any id, with any algorithm or none. */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';

export type SigningKey = { alg: string; kid: string; privateKey: KeyObject; publicKey: KeyObject };
export type Jwk = JsonWebKey & Record<string, unknown>;

export function createSigningKey(alg: string, kid: string, modulusLength = 2048): SigningKey {
  return { alg, kid, ...generate(alg, modulusLength) };
}

const curves: Record<string, string> = { ES384: 'P-384', ES512: 'P-521' };

function generate(alg: string, modulusLength: number) {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  if (alg.startsWith('ES')) return generateKeyPairSync('ec', { namedCurve: curves[alg] ?? 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength });
}

/** The public key as an entry of a key set. */
export function toJwk({ publicKey, kid, alg }: SigningKey): Jwk {
  return { ...(publicKey.export({ format: 'jwk' }) as Jwk), kid, alg, use: 'sig' };
}

/** @returns the signature of `input` in base64url. @see RFC 7518 §3 */
export function signWith({ alg, privateKey }: SigningKey, input: string): string {
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
  const rsa = alg.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  return sign(hash, Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363' as const,
    ...rsa,
  }).toString('base64url');
}

export function signWithSecret(secret: string | Buffer, input: string): string {
  return createHmac('sha256', secret).update(input).digest('base64url');
}

/**
 * What stands beside the real key in its set: the same key id with other key types, uses and algorithms, and
 * entries that are not keys.
 * @see OpenID FAPI 2.0 conformance, decoy keys
 */
export function makeDecoys(kid: string): Jwk[] {
  const edwards = toJwk(createSigningKey('EdDSA', kid));
  const curve = toJwk(createSigningKey('ES256', kid));
  return [
    edwards,
    { ...curve, use: 'enc', alg: 'ECDH-ES' },
    { kty: 'oct', k: Buffer.from('a shared secret that anybody can read').toString('base64url'), kid },
    { kty: 'RSA', kid: 'broken', n: '!', e: 'AQAB' },
    { kty: 'unheard-of', kid },
    {},
  ];
}
