import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { parseClientKeys } from './client-keys';

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'];
const { privateKey: weakKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const { privateKey: unsupportedKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

function keysOf(...keys: readonly unknown[]) {
  const parsed = parseClientKeys(writeKeySet(...keys));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('a key', () => {
  it.each([
    ['ES256', ['ES256']],
    ['ES384', ['ES384']],
    ['EdDSA', ['EdDSA', 'Ed25519']],
    ['PS256', ['PS256']],
    ['RS256', ['RS256']],
  ])('CA-02: for %s signs in that algorithm', (alg, algorithms) => {
    expect(keysOf(createClientKey(alg))).toMatchObject([{ kid: `key-${alg}`, algorithms }]);
  });

  it.each(['ES256', 'EdDSA', 'RS256'])(
    'CA-03: for %s has a public part without any private member',
    (alg) => {
      const [key] = keysOf(createClientKey(alg, { use: 'sig', key_ops: ['sign'], x5c: ['MII'] }));
      expect(Object.keys(key?.publicJwk ?? {}).filter((name) => privateMembers.includes(name))).toEqual([]);
      expect(key?.publicJwk).toMatchObject({ kid: `key-${alg}`, alg, use: 'sig' });
      expect(key?.publicJwk).not.toHaveProperty('key_ops');
    },
  );

  it('CA-02: of RSA that does not say for which algorithm can sign in all of them', () => {
    const [key] = keysOf(createClientKey('RS256', { alg: undefined }));
    expect(key?.algorithms.toSorted()).toEqual(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']);
    expect(key?.publicJwk).not.toHaveProperty('alg');
  });

  it('CA-03: and the next one are a set, and the first one comes first', () => {
    const kids = keysOf(createClientKey('ES256', { kid: 'new' }), createClientKey('RS256', { kid: 'old' }));
    expect(kids.map(({ kid }) => kid)).toEqual(['new', 'old']);
  });
});

const es256 = createClientKey('ES256');
const { x: anotherX, y: anotherY } = createClientKey('ES256');
const malformed: [what: string, text: string, problem: RegExp][] = [
  ['that is no JSON', 'canary-key', /no JWK Set on one line.*npm run keys/],
  ['that is one key without a set', JSON.stringify(es256), /no JWK Set on one line/],
  ['without keys', writeKeySet(), /one key, or two/],
  ['with three keys', writeKeySet(es256, es256, es256), /one key, or two/],
  ['with a text as key', writeKeySet('canary-key'), /usable key 1: it is no JSON object/],
  ['with a public key', writeKeySet({ ...es256, d: undefined }), /public only/],
  ['with a key without kid', writeKeySet({ ...es256, kid: undefined }), /no kid/],
  ['with an empty kid', writeKeySet({ ...es256, kid: '' }), /no kid/],
  ['with the same kid twice', writeKeySet(es256, createClientKey('ES256')), /same kid twice/],
  ['with a symmetric key', writeKeySet({ kty: 'oct', k: 'canary-key', kid: 'a' }), /symmetric/],
  ['with an unknown kty', writeKeySet({ ...es256, kty: 'AKP' }), /kty other than/],
  ['with the kty of every object', writeKeySet({ ...es256, kty: 'constructor' }), /kty other than/],
  ['with an unknown alg', writeKeySet({ ...es256, alg: 'ES256K' }), /alg that does not fit it/],
  [
    'with the alg of another kind of key',
    writeKeySet({ ...es256, alg: 'RS256' }),
    /alg that does not fit it/,
  ],
  ['with alg none', writeKeySet({ ...es256, alg: 'none' }), /alg that does not fit it/],
  [
    'with an unknown curve',
    writeKeySet({ ...unsupportedKey.export({ format: 'jwk' }), kid: 'a' }),
    /crv other than/,
  ],
  [
    'with a curve of another kind of key',
    writeKeySet({ ...es256, crv: 'Ed25519', alg: undefined }),
    /crv other/,
  ],
  ['with a key for encryption', writeKeySet({ ...es256, use: 'enc' }), /another use/],
  [
    'with a weak RSA key',
    writeKeySet({ ...weakKey.export({ format: 'jwk' }), kid: 'a', alg: 'RS256' }),
    /less than 2048/,
  ],
  ['with the public part of another key', writeKeySet({ ...es256, x: anotherX, y: anotherY }), /do not fit/],
  ['with a cut key', writeKeySet({ ...es256, d: 'AAAA' }), /do not fit/],
  [
    'with a second key that is public only',
    writeKeySet(es256, { ...es256, kid: 'b', d: '' }),
    /usable key 2/,
  ],
];

describe('AUTH_CLIENT_KEYS', () => {
  it.each(malformed)(
    'OP-01, LK-03: %s is a problem that says what to fix, and repeats no key',
    (_, text, problem) => {
      const parsed = parseClientKeys(text);
      expect(parsed).toMatch(problem);
      const values = [es256.d, es256.x, weakKey.export({ format: 'jwk' }).d, 'canary-key'];
      for (const value of values) expect(parsed).not.toContain(value);
    },
  );
});
