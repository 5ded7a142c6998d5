/** ID tokens that lie in their signature or their header. @see OIDC Core §3.1.3.7 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { accepted, by, part, rejected, withSecret } from './id-token-attacks.ts';
import { createSigningKey, type SigningKey, toJwk } from './signing-keys.ts';
import type { World } from './world.ts';

let world: World;
const rarer = ['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'].map((alg) => createSigningKey(alg, alg));
const stolen = createSigningKey('RS256', 'rs');
beforeAll(async () => {
  world = await borrowWorld();
  world.server.keys.push(...rarer);
});
afterAll(() => world?.close());

const keyOf = (alg: string): SigningKey => {
  const key = world.server.keys.find((one) => one.alg === alg);
  if (key === undefined) throw new Error(`No key for ${alg}`);
  return key;
};

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
