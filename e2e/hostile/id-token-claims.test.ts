/** ID tokens that lie in their claims. @see OIDC Core §3.1.3.7 */

import { afterAll, beforeAll, describe } from 'vitest';
import { nowSec } from '../../lib/strongroom/base/clock.ts';
import { describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { accepted, claiming, rejected, shifted } from './id-token-attacks.ts';
import { createSigningKey } from './signing-keys.ts';
import type { World } from './world.ts';

let world: World;
const rarer = ['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'].map((alg) => createSigningKey(alg, alg));
beforeAll(async () => {
  world = await borrowWorld();
  world.server.keys.push(...rarer);
});
afterAll(() => world?.close());

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
