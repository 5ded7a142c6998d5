/** Keys and ID tokens for tests: each can be wrong in any way. Test support only. */
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { noonSec } from './sessions';

export type TestKey = { alg: string; kid: string; privateKey: CryptoKey; publicKey: CryptoKey; jwk: JWK };

export async function createTestKey(alg = 'ES256', kid = 'key-1'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    alg,
    kid,
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  };
}

export type IdTokenParts = {
  key: TestKey;
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  atSec?: number;
};

/** A good ID token but for the changes; a claim set to undefined is left out. */
export function signIdToken({ key, claims, header, atSec = noonSec }: IdTokenParts): Promise<string> {
  const good = {
    iss: 'https://issuer.example',
    aud: 'client-1',
    sub: 'user-1',
    nonce: 'nonce-1',
    iat: atSec,
    exp: atSec + 300,
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { b64: true } });
}

/**
 * The token with another header, signed by hand with an ES256 key: the library signs no header that is wrong.
 */
export async function withHeader(
  token: string,
  { privateKey }: TestKey,
  header: Record<string, unknown>,
): Promise<string> {
  const [head = '', payload = ''] = token.split('.');
  const right = JSON.parse(Buffer.from(head, 'base64url').toString());
  const input = `${Buffer.from(JSON.stringify({ ...right, ...header })).toString('base64url')}.${payload}`;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
