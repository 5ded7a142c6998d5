/** ID tokens that lie in their signature, their header or their claims. @see OIDC Core §3.1.3.7 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attack, describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import type { Claims, TokenFault } from './json-web-token.ts';
import { createSigningKey, type SigningKey, signWithSecret, toJwk } from './signing-keys.ts';
import type { World } from './world.ts';

let world: World;
const rarer = ['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'].map((alg) => createSigningKey(alg, alg));
const stolen = createSigningKey('RS256', 'rs');
beforeAll(async () => {
  world = await borrowWorld();
  world.server.keys.push(...rarer);
});
afterAll(() => world?.close());

const nowSec = () => Math.floor(Date.now() / 1000);
const keyOf = (alg: string): SigningKey => {
  const key = world.server.keys.find((one) => one.alg === alg);
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
/** The token comes from a server whose clock is so many seconds ahead, and is good for two minutes. */
const shifted = (seconds: number): TokenFault => ({
  claims: (right) => ({
    ...right,
    iat: nowSec() + seconds,
    auth_time: nowSec() + seconds,
    exp: nowSec() + seconds + 120,
  }),
});
const claiming = (claims: Claims | ((right: Claims) => Claims)): TokenFault => ({ claims });

const accepted = (row: string, attack: string, idToken: TokenFault | (() => TokenFault)): Attack => ({
  row,
  attack,
  fault: () => ({ idToken: typeof idToken === 'function' ? idToken() : idToken }),
  outcome: 'signed_in',
});
const rejected = (
  row: string,
  attack: string,
  idToken: TokenFault | (() => TokenFault),
  reason: RegExp,
): Attack => ({ ...accepted(row, attack, idToken), outcome: 'invalid_response', reason });

describe('the signature of an ID token', () => {
  const signature = /^id_token_(signature|malformed)$/;
  const alg = /^id_token_(alg|malformed)$/;
  describeAttacks(() => world, 'an ID token', [
    accepted('ID-01', 'that is right', {}),
    accepted('ID-02', 'signed with PS256', () => by(keyOf('PS256'))),
    accepted('ID-02', 'signed with ES256', () => by(keyOf('ES256'))),
    accepted('ID-02', 'signed with EdDSA', () => by(keyOf('EdDSA'))),
    ...rarer.map((key) => accepted('ID-02', `signed with ${key.alg}`, by(key))),
    rejected('ID-01', 'signed by another key with the same key id', by(stolen), signature),
    rejected(
      'ID-01',
      'whose signature is cut off',
      part(([a = '', b = '', c = '']) => [a, b, c.slice(0, -8)]),
      signature,
    ),
    rejected(
      'ID-01',
      'whose signature has a wrong character',
      part(([a = '', b = '', c = '']) => [a, b, (c[0] === 'A' ? 'B' : 'A') + c.slice(1)]),
      signature,
    ),
    rejected(
      'ID-01',
      'whose signature is empty',
      part(([a = '', b = '']) => [a, b, '']),
      signature,
    ),
    rejected(
      'ID-01',
      'whose claims were replaced',
      part(([a = '', , c = '']) => [a, Buffer.from('{"sub":"admin"}').toString('base64url'), c]),
      signature,
    ),
    rejected(
      'ID-01',
      'without a signature part',
      part(([a = '', b = '']) => [a, b]),
      signature,
    ),
    ...['none', 'None', 'nOnE', ''].map((name) =>
      rejected(
        'ID-02',
        `with alg "${name}" and no signature`,
        { header: { alg: name }, sign: () => '' },
        alg,
      ),
    ),
    rejected('ID-02', 'with alg none and the right signature', { header: { alg: 'none' } }, alg),
    rejected(
      'ID-03',
      'signed with HS256 and the public key in PEM',
      withSecret(() => keyOf('RS256').publicKey.export({ type: 'spki', format: 'pem' })),
      alg,
    ),
    rejected(
      'ID-03',
      'signed with HS256 and the public key in DER',
      withSecret(() => keyOf('RS256').publicKey.export({ type: 'spki', format: 'der' })),
      alg,
    ),
    rejected(
      'ID-03',
      'signed with HS256 and the public key as a JWK',
      withSecret(() => JSON.stringify(toJwk(keyOf('RS256')))),
      alg,
    ),
    rejected(
      'ID-03',
      'signed with HS256 and the modulus of the public key',
      withSecret(() => String(toJwk(keyOf('RS256')).n)),
      alg,
    ),
    rejected(
      'ID-03',
      'signed with HS256 and the client secret',
      withSecret(() => world.secrets.clientSecret),
      alg,
    ),
    rejected(
      'ID-03',
      'signed with HS256 and a secret of the key set',
      withSecret(() => 'a shared secret that anybody can read'),
      alg,
    ),
  ]);
});

describe('the header of an ID token', () => {
  const key = /^id_token_(signature|key|malformed)$/;
  const typ = /^id_token_(typ|malformed)$/;
  const typOnly = /^id_token_typ$/;
  const malformed = /^id_token_malformed$/;
  const sink = () => `${world.sink.origin}/keys`;
  describeAttacks(() => world, 'an ID token', [
    rejected('ID-04', 'with its own key in the header (jwk)', by(stolen, { jwk: toJwk(stolen) }), key),
    rejected(
      'ID-04',
      'with the address of keys in the header (jku)',
      () => by(stolen, { jku: sink(), kid: 'same_origin' }),
      key,
    ),
    rejected(
      'ID-04',
      'with the address of a certificate in the header (x5u)',
      () => by(stolen, { x5u: sink() }),
      key,
    ),
    rejected('ID-04', 'with its own certificate in the header (x5c)', by(stolen, { x5c: ['AAAA'] }), key),
    rejected('ID-04', 'with a key id that is a path', by(stolen, { kid: '../../etc/passwd' }), key),
    rejected('ID-04', 'with an unknown critical member', { header: { crit: ['x'], x: 1 } }, malformed),
    rejected('ID-04', 'with an unencoded payload', { header: { crit: ['b64'], b64: false } }, malformed),
    rejected(
      'ID-04',
      'that is encrypted',
      { header: { alg: 'RSA-OAEP', enc: 'A256GCM' }, spoil: (token) => `${token}.AAAA.AAAA` },
      /^id_token_encrypted$/,
    ),
    ...[['JWT'], null, 7, {}, true].map((typ) =>
      rejected('ID-04', `whose type is ${JSON.stringify(typ)}`, { header: { typ } }, typOnly),
    ),
    ...['at+jwt', 'logout+jwt', 'dpop+jwt', 'application/at+jwt'].map((name) =>
      rejected('ID-04', `of type ${name}`, { header: { typ: name } }, typ),
    ),
  ]);
});

it('ID-04: the log names the registration that has ID tokens encrypted', () => {
  const events = world.app.events('sign_in_rejected');
  expect(events.filter(({ reason }) => reason === 'id_token_encrypted')).toContainEqual(
    expect.objectContaining({ registration: 'id_token_encrypted_response_alg' }),
  );
});

describe('the issuer, audience and subject of an ID token', () => {
  const iss = /^id_token_iss$/;
  const aud = /^id_token_(aud|azp)$/;
  describeAttacks(() => world, 'an ID token', [
    rejected(
      'ID-05',
      'with a 1 behind its issuer',
      claiming((right) => ({ ...right, iss: `${right.iss}1` })),
      iss,
    ),
    rejected(
      'ID-05',
      'with a slash behind its issuer',
      claiming((right) => ({ ...right, iss: `${right.iss}/` })),
      iss,
    ),
    rejected(
      'ID-05',
      'with its issuer in capitals',
      claiming((right) => ({ ...right, iss: String(right.iss).toUpperCase() })),
      iss,
    ),
    rejected(
      'ID-05',
      'with https instead of http in its issuer',
      claiming((right) => ({ ...right, iss: String(right.iss).replace('http:', 'https:') })),
      iss,
    ),
    rejected('ID-05', 'of another issuer', () => claiming({ iss: world.other.issuer }), iss),
    rejected('ID-05', 'without an issuer', claiming({ iss: undefined }), iss),
    rejected(
      'ID-05',
      'with its issuer in a list',
      claiming((right) => ({ ...right, iss: [right.iss] })),
      iss,
    ),
    accepted(
      'ID-06',
      'with a list of one audience',
      claiming((right) => ({ ...right, aud: [right.aud] })),
    ),
    accepted(
      'ID-06',
      'for two audiences and authorized for us',
      claiming((right) => ({ ...right, aud: [right.aud, 'other'], azp: right.aud })),
    ),
    rejected(
      'ID-06',
      'for another audience',
      claiming((right) => ({ ...right, aud: `${right.aud}1` })),
      aud,
    ),
    rejected('ID-06', 'without an audience', claiming({ aud: undefined }), aud),
    rejected('ID-06', 'with an empty list of audiences', claiming({ aud: [] }), aud),
    rejected(
      'ID-06',
      'for two audiences and without an authorized party',
      claiming((right) => ({ ...right, aud: [right.aud, 'other'] })),
      aud,
    ),
    rejected('ID-06', 'for our audience and authorized for another client', claiming({ azp: 'other' }), aud),
    ...['Jürgen Müller', 'čeština|7', '👩'.repeat(100), 'ž'.repeat(255)].map((sub) =>
      accepted('ID-10', `with the subject ${sub.slice(0, 14)}`, claiming({ sub })),
    ),
    rejected('ID-10', 'with a line end in its subject', claiming({ sub: 'a\nb' }), /^id_token_sub$/),
    rejected('ID-10', 'without a subject', claiming({ sub: undefined }), /^id_token_sub$/),
    rejected('ID-10', 'with an empty subject', claiming({ sub: '' }), /^id_token_sub$/),
    rejected('ID-10', 'with a number as its subject', claiming({ sub: 1 }), /^id_token_sub$/),
    rejected('ID-10', 'with a subject of 10 kB', claiming({ sub: 'a'.repeat(10_000) }), /^id_token_sub$/),
  ]);
});

describe('the times of an ID token', () => {
  const exp = /^id_token_(exp|times|malformed)$/;
  const iat = /^id_token_(iat|times|malformed)$/;
  describeAttacks(() => world, 'an ID token', [
    accepted('ID-12', 'from a clock that is half a minute ahead', shifted(30)),
    accepted('ID-12', 'from a clock that is half a minute behind', shifted(-30)),
    accepted('ID-12', 'that is not valid for 45 seconds yet', () => claiming({ nbf: nowSec() + 45 })),
    accepted('ID-12', 'that expired 45 seconds ago', () => claiming({ exp: nowSec() - 45 })),
    rejected('ID-12', 'from a clock that is five minutes ahead', shifted(300), iat),
    rejected('ID-12', 'from a clock that is five minutes behind', shifted(-300), exp),
    rejected('ID-07', 'that expired six minutes ago', claiming({ exp: nowSec() - 360 }), exp),
    rejected('ID-07', 'without an expiry', claiming({ exp: undefined }), exp),
    rejected('ID-07', 'with an expiry in milliseconds', claiming({ exp: Date.now() + 300_000 }), exp),
    rejected(
      'ID-07',
      'with an expiry that never comes',
      { json: (right) => right.replace(/"exp":\d+/, '"exp":1e300') },
      exp,
    ),
    rejected('ID-07', 'with an expiry that is text', claiming({ exp: String(nowSec() + 300) }), exp),
    rejected('ID-08', 'without a time of issue', claiming({ iat: undefined }), iat),
    rejected(
      'ID-08',
      'that says it was issued an hour from now',
      claiming({ iat: nowSec() + 3_600, exp: nowSec() + 7_200 }),
      iat,
    ),
    rejected('ID-08', 'that was issued a week ago', claiming({ iat: nowSec() - 7 * 86_400 }), iat),
    rejected('ID-08', 'that is not valid yet', claiming({ nbf: nowSec() + 3_600 }), /^id_token_nbf$/),
  ]);
});

describe('what binds an ID token to this sign-in', () => {
  const nonce = /^id_token_nonce$/;
  const atHash = /^id_token_at_hash$/;
  const earlier = () => world.server.grants.findLast(({ idTokens }) => idTokens.length > 0);
  describeAttacks(() => world, 'an ID token', [
    rejected(
      'ID-09',
      'with a 1 behind its nonce',
      claiming((right) => ({ ...right, nonce: `${right.nonce}1` })),
      nonce,
    ),
    rejected('ID-09', 'without a nonce', claiming({ nonce: undefined }), nonce),
    rejected(
      'ID-09',
      'with the nonce of another sign-in',
      () => claiming({ nonce: earlier()?.request.get('nonce') }),
      nonce,
    ),
    rejected(
      'ID-09',
      'from an earlier sign-in',
      () => {
        const token = earlier()?.idTokens[0] ?? '';
        return { spoil: () => token };
      },
      nonce,
    ),
    rejected('ID-11', 'with the hash of another access token', claiming({ at_hash: 'A'.repeat(22) }), atHash),
    rejected('ID-11', 'with a number as the hash of the access token', claiming({ at_hash: 1 }), atHash),
  ]);
});

describe('the shape of an ID token', () => {
  const twice = (text: string) => ({ json: (right: string) => right.replace('{', `{${text},`) });
  const last = (text: string) => ({ json: (right: string) => right.replace(/}$/, `,${text}}`) });
  describeAttacks(() => world, 'an ID token', [
    accepted(
      'ID-13',
      'with 60 kB of groups',
      claiming({ groups: Array.from({ length: 3_000 }, (_, index) => `group-${index}-abcdef`) }),
    ),
    accepted('ID-14', 'with another issuer before the right one', twice('"iss":"https://evil.example"')),
    rejected(
      'ID-14',
      'with another issuer after the right one',
      last('"iss":"https://evil.example"'),
      /^id_token_iss$/,
    ),
    rejected(
      'ID-14',
      'with a second subject, which is an infinite number,',
      last('"sub":1e999'),
      /^id_token_sub$/,
    ),
    accepted(
      'ID-14',
      'with claims that try to set a prototype',
      twice('"__proto__":{"sub":"admin","isAdmin":true},"constructor":1'),
    ),
    rejected(
      'ID-14',
      'with a second audience under an escaped name',
      last('"\\u0061ud":"other"'),
      /^id_token_aud$/,
    ),
    rejected('ID-14', 'with a list instead of claims', { json: () => '[]' }, /^id_token_malformed$/),
    rejected('ID-14', 'whose claims are not JSON', { json: () => 'x' }, /^id_token_malformed$/),
  ]);
});
