/** ID tokens that lie: in their signature, in their header, and in what they say. @see OIDC Core §3.1.3.7 */
import { afterAll, beforeAll, describe } from 'vitest';
import { type Attack, describeAttacks } from './attacks.ts';
import type { Claims, TokenFault } from './json-web-token.ts';
import { createSigningKey, type SigningKey, signWithSecret, toJwk } from './signing-keys.ts';
import { startWorld, type World } from './world.ts';

let world: World;
const strange = ['RS384', 'ES384', 'PS512'].map((alg) => createSigningKey(alg, alg));
const stolen = createSigningKey('RS256', 'rs');
beforeAll(async () => {
  world = await startWorld();
  world.server.keys.push(...strange);
});
afterAll(() => world?.close());

const nowSec = () => Math.floor(Date.now() / 1000);
const keyOf = (alg: string): SigningKey => {
  const key = [...world.server.keys, ...strange].find((one) => one.alg === alg);
  if (key === undefined) throw new Error(`No key for ${alg}`);
  return key;
};
const by = (key: SigningKey, header: Claims = {}): TokenFault => ({
  sign: key,
  header: { alg: key.alg, kid: key.kid, ...header },
});
const withSecret = (secret: () => string | Buffer): TokenFault => ({
  header: { alg: 'HS256' },
  sign: (input) => signWithSecret(secret(), input),
});
const part = (change: (parts: string[]) => string[]): TokenFault => ({
  spoil: (token) => change(token.split('.')).join('.'),
});
/** A token of a server whose clock is so many seconds ahead, good for two minutes. */
const shifted = (seconds: number): TokenFault => ({
  claims: (right) => ({
    ...right,
    iat: nowSec() + seconds,
    auth_time: nowSec() + seconds,
    exp: nowSec() + seconds + 120,
  }),
});
const said = (claims: Claims | ((right: Claims) => Claims)): TokenFault => ({ claims });

const accepted = (row: string, attack: string, idToken: TokenFault | (() => TokenFault)): Attack => ({
  row,
  attack,
  fault: () => ({ idToken: typeof idToken === 'function' ? idToken() : idToken }),
  outcome: 'U-OK',
});
const rejected = (
  row: string,
  attack: string,
  idToken: TokenFault | (() => TokenFault),
  reason: RegExp,
): Attack => ({ ...accepted(row, attack, idToken), outcome: 'U-REJECT', reason });

describe('the signature of an ID token', () => {
  const badly = /^id_token_(signature|malformed)$/;
  const alg = /^id_token_(alg|malformed)$/;
  describeAttacks(
    () => world,
    [
      accepted('ID-01', 'one that is right', {}),
      accepted('ID-02', 'PS256, which we take', () => by(keyOf('PS256'))),
      accepted('ID-02', 'ES256, which we take', () => by(keyOf('ES256'))),
      accepted('ID-02', 'EdDSA, which we take', () => ({
        ...by(keyOf('EdDSA')),
        claims: { at_hash: undefined },
      })),
      rejected('ID-01', 'by another key under the same key id', by(stolen), badly),
      rejected(
        'ID-01',
        'cut',
        part(([a = '', b = '', c = '']) => [a, b, c.slice(0, -8)]),
        badly,
      ),
      rejected(
        'ID-01',
        'flipped',
        part(([a = '', b = '', c = '']) => [a, b, (c[0] === 'A' ? 'B' : 'A') + c.slice(1)]),
        badly,
      ),
      rejected(
        'ID-01',
        'empty',
        part(([a = '', b = '']) => [a, b, '']),
        badly,
      ),
      rejected(
        'ID-01',
        'of other claims',
        part(([a = '', , c = '']) => [a, Buffer.from('{"sub":"admin"}').toString('base64url'), c]),
        badly,
      ),
      rejected(
        'ID-01',
        'a part too few',
        part(([a = '', b = '']) => [a, b]),
        badly,
      ),
      ...['none', 'None', 'nOnE', ''].map((name) =>
        rejected(
          'ID-02',
          `alg "${name}", which the metadata lists`,
          { header: { alg: name }, sign: () => '' },
          alg,
        ),
      ),
      rejected('ID-02', 'alg none with the right signature', { header: { alg: 'none' } }, alg),
      ...strange.map((key) => rejected('ID-02', `${key.alg} by a listed key`, by(key), alg)),
      rejected(
        'ID-03',
        'HS256 with the public key as PEM',
        withSecret(() => keyOf('RS256').publicKey.export({ type: 'spki', format: 'pem' })),
        alg,
      ),
      rejected(
        'ID-03',
        'HS256 with the public key as DER',
        withSecret(() => keyOf('RS256').publicKey.export({ type: 'spki', format: 'der' })),
        alg,
      ),
      rejected(
        'ID-03',
        'HS256 with the public key as JWK',
        withSecret(() => JSON.stringify(toJwk(keyOf('RS256')))),
        alg,
      ),
      rejected(
        'ID-03',
        'HS256 with the modulus',
        withSecret(() => String(toJwk(keyOf('RS256')).n)),
        alg,
      ),
      rejected(
        'ID-03',
        'HS256 with the client secret',
        withSecret(() => world.secrets.clientSecret),
        alg,
      ),
      rejected(
        'ID-03',
        'HS256 with a secret of the key set',
        withSecret(() => 'a shared secret that anybody can read'),
        alg,
      ),
    ],
  );
});

describe('the header of an ID token', () => {
  const key = /^id_token_(signature|key|malformed)$/;
  const typ = /^id_token_(typ|malformed)$/;
  const malformed = /^id_token_malformed$/;
  const sink = () => `${world.sink.origin}/keys`;
  describeAttacks(
    () => world,
    [
      rejected('ID-04', 'a key that comes along (jwk)', by(stolen, { jwk: toJwk(stolen) }), key),
      rejected(
        'ID-04',
        'the address of keys (jku)',
        () => by(stolen, { jku: sink(), kid: 'same_origin' }),
        key,
      ),
      rejected('ID-04', 'the address of a certificate (x5u)', () => by(stolen, { x5u: sink() }), key),
      rejected('ID-04', 'a certificate that comes along (x5c)', by(stolen, { x5c: ['AAAA'] }), key),
      rejected('ID-04', 'a key id that is a path', by(stolen, { kid: '../../etc/passwd' }), key),
      rejected('ID-04', 'an unknown critical member', { header: { crit: ['x'], x: 1 } }, malformed),
      rejected('ID-04', 'an unencoded payload', { header: { crit: ['b64'], b64: false } }, malformed),
      rejected(
        'ID-04',
        'five parts, as if encrypted',
        { header: { alg: 'RSA-OAEP', enc: 'A256GCM' }, spoil: (token) => `${token}.AAAA.AAAA` },
        malformed,
      ),
      ...['at+jwt', 'logout+jwt', 'dpop+jwt', 'application/at+jwt'].map((name) =>
        rejected('ID-04', `type ${name}`, { header: { typ: name } }, typ),
      ),
    ],
  );
});

describe('whom an ID token is by and for', () => {
  const iss = /^id_token_iss$/;
  const aud = /^id_token_(aud|azp)$/;
  describeAttacks(
    () => world,
    [
      rejected(
        'ID-05',
        'issuer with a 1 behind it',
        said((right) => ({ ...right, iss: `${right.iss}1` })),
        iss,
      ),
      rejected(
        'ID-05',
        'issuer with a slash behind it',
        said((right) => ({ ...right, iss: `${right.iss}/` })),
        iss,
      ),
      rejected(
        'ID-05',
        'issuer in capitals',
        said((right) => ({ ...right, iss: String(right.iss).toUpperCase() })),
        iss,
      ),
      rejected(
        'ID-05',
        'issuer with https',
        said((right) => ({ ...right, iss: String(right.iss).replace('http:', 'https:') })),
        iss,
      ),
      rejected('ID-05', 'another issuer', () => said({ iss: world.other.issuer }), iss),
      rejected('ID-05', 'no issuer', said({ iss: undefined }), iss),
      rejected(
        'ID-05',
        'issuer as a list',
        said((right) => ({ ...right, iss: [right.iss] })),
        iss,
      ),
      accepted(
        'ID-06',
        'a list of one audience',
        said((right) => ({ ...right, aud: [right.aud] })),
      ),
      accepted(
        'ID-06',
        'two audiences, authorized for us',
        said((right) => ({ ...right, aud: [right.aud, 'other'], azp: right.aud })),
      ),
      rejected(
        'ID-06',
        'another audience',
        said((right) => ({ ...right, aud: `${right.aud}1` })),
        aud,
      ),
      rejected('ID-06', 'no audience', said({ aud: undefined }), aud),
      rejected('ID-06', 'an empty list of audiences', said({ aud: [] }), aud),
      rejected(
        'ID-06',
        'two audiences, authorized for nobody',
        said((right) => ({ ...right, aud: [right.aud, 'other'] })),
        aud,
      ),
      rejected('ID-06', 'one audience, authorized for another', said({ azp: 'other' }), aud),
      rejected('ID-10', 'no subject', said({ sub: undefined }), /^id_token_sub$/),
      rejected('ID-10', 'an empty subject', said({ sub: '' }), /^id_token_sub$/),
      rejected('ID-10', 'a number as subject', said({ sub: 1 }), /^id_token_sub$/),
      rejected('ID-10', 'a subject of 10 kB', said({ sub: 'a'.repeat(10_000) }), /^id_token_sub$/),
    ],
  );
});

describe('the times of an ID token', () => {
  const exp = /^id_token_(exp|times|malformed)$/;
  const iat = /^id_token_(iat|times|malformed)$/;
  describeAttacks(
    () => world,
    [
      accepted('ID-12', 'a clock half a minute ahead', shifted(30)),
      accepted('ID-12', 'a clock half a minute behind', shifted(-30)),
      rejected('ID-12', 'a clock five minutes ahead', shifted(300), iat),
      rejected('ID-12', 'a clock five minutes behind', shifted(-300), exp),
      rejected('ID-07', 'six minutes past its end', said({ exp: nowSec() - 360 }), exp),
      rejected('ID-07', 'without an end', said({ exp: undefined }), exp),
      rejected('ID-07', 'an end in milliseconds', said({ exp: Date.now() + 300_000 }), exp),
      rejected(
        'ID-07',
        'an end that never comes',
        { json: (right) => right.replace(/"exp":\d+/, '"exp":1e300') },
        exp,
      ),
      rejected('ID-07', 'an end as text', said({ exp: String(nowSec() + 300) }), exp),
      rejected('ID-08', 'without a time of issue', said({ iat: undefined }), iat),
      rejected('ID-08', 'issued in an hour', said({ iat: nowSec() + 3_600, exp: nowSec() + 7_200 }), iat),
      rejected('ID-08', 'issued a week ago', said({ iat: nowSec() - 7 * 86_400 }), iat),
      rejected('ID-08', 'not valid yet', said({ nbf: nowSec() + 3_600 }), /^id_token_nbf$/),
    ],
  );
});

describe('what binds an ID token to this sign-in', () => {
  const nonce = /^id_token_nonce$/;
  const atHash = /^id_token_at_hash$/;
  const earlier = () => world.server.grants.findLast(({ idTokens }) => idTokens.length > 0);
  describeAttacks(
    () => world,
    [
      rejected(
        'ID-09',
        'a nonce with a 1 behind it',
        said((right) => ({ ...right, nonce: `${right.nonce}1` })),
        nonce,
      ),
      rejected('ID-09', 'no nonce', said({ nonce: undefined }), nonce),
      rejected(
        'ID-09',
        'the nonce of another sign-in',
        () => said({ nonce: earlier()?.request.get('nonce') }),
        nonce,
      ),
      rejected(
        'ID-09',
        'the whole token of an earlier sign-in',
        () => {
          const token = earlier()?.idTokens[0] ?? '';
          return { spoil: () => token };
        },
        nonce,
      ),
      rejected('ID-11', 'the hash of another access token', said({ at_hash: 'A'.repeat(22) }), atHash),
      rejected('ID-11', 'a hash that is none', said({ at_hash: 1 }), atHash),
    ],
  );
});

describe('the shape of an ID token', () => {
  const twice = (text: string) => ({ json: (right: string) => right.replace('{', `{${text},`) });
  const last = (text: string) => ({ json: (right: string) => right.replace(/}$/, `,${text}}`) });
  describeAttacks(
    () => world,
    [
      accepted(
        'ID-13',
        '60 kB of groups',
        said({ groups: Array.from({ length: 3_000 }, (_, index) => `group-${index}-abcdef`) }),
      ),
      accepted('ID-14', 'a second issuer before the right one', twice('"iss":"https://evil.example"')),
      rejected(
        'ID-14',
        'a second issuer after the right one',
        last('"iss":"https://evil.example"'),
        /^id_token_iss$/,
      ),
      rejected(
        'ID-14',
        'a second subject, which is a number beyond all numbers',
        last('"sub":1e999'),
        /^id_token_sub$/,
      ),
      accepted('ID-14', 'a prototype', twice('"__proto__":{"sub":"admin","isAdmin":true},"constructor":1')),
      rejected('ID-14', 'a claim under an escaped name', last('"\\u0061ud":"other"'), /^id_token_aud$/),
      rejected('ID-14', 'a list in place of claims', { json: () => '[]' }, /^id_token_malformed$/),
      rejected('ID-14', 'no JSON', { json: () => 'x' }, /^id_token_malformed$/),
    ],
  );
});
