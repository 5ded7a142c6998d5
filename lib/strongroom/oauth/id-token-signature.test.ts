import { createHmac } from 'node:crypto';
import { CompactEncrypt, createLocalJWKSet, exportSPKI, generateKeyPair, type JWK, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../base/errors';
import { appErrorOf } from '../testing/expect-app-error';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { noonSec } from '../testing/sessions';
import { verifyIdToken } from './id-token';

let key: TestKey;
let good: string;

beforeAll(async () => {
  key = await createTestKey('RS256');
  good = await signIdToken({ key });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function rejectionOf(token: string, keys: JWK[] = [key.jwk]): Promise<string> {
  const expected = {
    issuer: 'https://issuer.example',
    clientId: 'client-1',
    keys: createLocalJWKSet({ keys }),
    accessToken: 'access-token-1',
    nonce: 'nonce-1',
  };
  const error = await appErrorOf(() => verifyIdToken(token, expected, () => noonSec));
  expect(error.code).toBe('invalid_response');
  return error.reason;
}

describe('the signature of an ID token', () => {
  it('ID-01: by another key under the same key id is rejected', async () => {
    const other = await createTestKey('RS256', key.kid);
    expect(await rejectionOf(await signIdToken({ key: other }))).toBe('id_token_signature');
  });

  it('ID-01: truncated, flipped, empty or of another token is rejected', async () => {
    const [header = '', payload = '', signature = ''] = good.split('.');
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    const other = (await signIdToken({ key, claims: { sub: 'user-2' } })).split('.')[2];
    for (const mutant of [signature.slice(0, -4), flipped, '', other])
      expect(await rejectionOf(`${header}.${payload}.${mutant}`)).toMatch(/^id_token_(signature|malformed)$/);
  });

  it.each(['\n', ' ', '=', '==', '\r\n', '.', 'é'])(
    'ID-01: a signature with %j behind it is malformed',
    async (rest) => {
      expect(await rejectionOf(good + rest)).toBe('id_token_malformed');
    },
  );

  it('ID-01: changed claims under the old signature are rejected', async () => {
    const [header = '', , signature = ''] = good.split('.');
    const payload = encode({
      iss: 'https://issuer.example',
      aud: 'client-1',
      sub: 'admin',
      nonce: 'nonce-1',
    });
    expect(await rejectionOf(`${header}.${payload}.${signature}`)).toBe('id_token_signature');
  });

  it.each(['none', 'None', 'nOnE', '', 'NONE'])('ID-02: the algorithm "%s" is rejected', async (alg) => {
    const payload = good.split('.')[1];
    for (const signature of ['', 'AAAA', good.split('.')[2]])
      expect(await rejectionOf(`${encode({ alg })}.${payload}.${signature}`)).toMatch(
        /^id_token_(alg|malformed)$/,
      );
  });

  it('ID-02: an unsecured token is rejected', async () => {
    expect(await rejectionOf(new UnsecuredJWT({ sub: 'user-1' }).encode())).toMatch(
      /^id_token_(alg|malformed)$/,
    );
  });

  it('ID-03: HS256 with the public key or the client secret as secret is rejected', async () => {
    const pem = await exportSPKI(key.publicKey);
    const secrets = [pem, JSON.stringify(key.jwk), key.jwk.n ?? '', 'kT5bW9qN2rV7xM4p'];
    for (const secret of secrets) {
      const input = `${encode({ alg: 'HS256', kid: key.kid })}.${good.split('.')[1]}`;
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      const octet = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: key.kid, alg: 'HS256' };
      expect(await rejectionOf(`${input}.${signature}`, [key.jwk, octet])).toBe('id_token_alg');
    }
  });
});

describe('the header of an ID token', () => {
  it.each(['at+jwt', 'application/at+jwt', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', ''])(
    'ID-04: the type "%s" is no ID token',
    async (typ) => {
      expect(await rejectionOf(await signIdToken({ key, header: { typ } }))).toBe('id_token_typ');
    },
  );

  it('ID-04: a key that comes with the token is ignored', async () => {
    const own = await createTestKey('RS256', 'same_origin');
    for (const header of [
      { jwk: own.jwk },
      { jwk: own.jwk, kid: undefined },
      { jku: 'https://sink.example/keys', kid: 'same_origin' },
      { x5u: 'https://sink.example/x5u', kid: key.kid },
      { x5c: ['AAAA'], kid: key.kid },
      { kid: '../../etc/passwd' },
    ])
      expect(await rejectionOf(await signIdToken({ key: own, header }))).toMatch(
        /^id_token_(signature|key)$/,
      );
  });

  it('ID-04: unknown critical members, unencoded payloads and encryption are rejected', async () => {
    const [, payload, signature] = good.split('.');
    const headers = [
      { alg: 'RS256', kid: key.kid, crit: ['exp'], exp: 1 },
      { alg: 'RS256', kid: key.kid, crit: [] },
      { alg: 'RS256', kid: key.kid, crit: ['b64'], b64: false },
      { alg: 'RSA-OAEP', enc: 'A128GCM', kid: key.kid },
    ];
    for (const header of headers)
      expect(await rejectionOf(`${encode(header)}.${payload}.${signature}`)).toMatch(
        /^id_token_(malformed|alg|signature)$/,
      );
    expect(
      await rejectionOf(
        await signIdToken({ key, header: { b64: false, crit: ['b64'] } }).catch(() => 'a.b.c'),
      ),
    ).toBe('id_token_malformed');
  });

  it.each([['', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', '..', `${'a'.repeat(50)}.ž.c`]].flat())(
    'ID-01: "%s" is rejected as malformed',
    async (token) => {
      expect(await rejectionOf(token)).toBe('id_token_malformed');
    },
  );

  it.each(['RSA-OAEP-256', 'dir'])(
    'ID-04: one that is encrypted by %s is rejected as such, because it needs another registration',
    async (alg) => {
      const content = new TextEncoder().encode(good);
      const secret = alg === 'dir' ? new Uint8Array(32) : (await generateKeyPair(alg)).publicKey;
      const encrypted = new CompactEncrypt(content).setProtectedHeader({ alg, enc: 'A256GCM', cty: 'JWT' });
      expect(await rejectionOf(await encrypted.encrypt(secret))).toBe('id_token_encrypted');
    },
  );

  it('ID-13: a token of more than 100 kB is rejected before it is decoded', async () => {
    expect(await rejectionOf('a'.repeat(100_001))).toBe('id_token_too_large');
  });
});

describe('the keys for an ID token', () => {
  const verifyWith = (keys: () => Promise<never>, subject: string | null = null) =>
    appErrorOf(() =>
      verifyIdToken(
        good,
        {
          issuer: 'https://issuer.example',
          clientId: 'client-1',
          keys,
          accessToken: 'a',
          nonce: null,
          subject,
        },
        () => noonSec,
      ),
    );

  it('DI-09: that are out of reach mean that the sign-in service is down, and not that the token is invalid', async () => {
    const down = new AppError('temporarily_unavailable', { reason: 'network' });
    expect(await verifyWith(() => Promise.reject(down))).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'network',
      isUnverifiable: true,
    });
  });

  it('RF-10: that are out of reach excuse nothing else that is wrong with the token', async () => {
    const down = new AppError('temporarily_unavailable', { reason: 'network' });
    const error = await verifyWith(() => Promise.reject(down), 'user-2');
    expect([error.reason, error.isUnverifiable]).toEqual(['id_token_sub', false]);
  });

  it('DI-10: with other types under the same key id do not hide the right key', async () => {
    const decoys = await Promise.all(['ES256', 'EdDSA'].map((alg) => createTestKey(alg, key.kid)));
    const keys = createLocalJWKSet({ keys: [...decoys.map(({ jwk }) => jwk), key.jwk] });
    const expected = {
      issuer: 'https://issuer.example',
      clientId: 'client-1',
      keys,
      accessToken: 'a',
      nonce: 'nonce-1',
    };
    expect((await verifyIdToken(good, expected, () => noonSec)).sub).toBe('user-1');
  });
});
