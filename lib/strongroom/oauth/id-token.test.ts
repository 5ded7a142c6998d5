import { createHash } from 'node:crypto';
import { createLocalJWKSet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { appErrorOf } from '../testing/expect-app-error';
import { createTestKey, type IdTokenParts, signIdToken, type TestKey } from '../testing/id-tokens';
import { noonSec } from '../testing/sessions';
import { verifyIdToken } from './id-token';

let key: TestKey;
const expectation = (keys = [key]) => ({
  issuer: 'https://issuer.example',
  clientId: 'client-1',
  keys: createLocalJWKSet({ keys: keys.map(({ jwk }) => jwk) }),
  accessToken: 'access-token-1',
  nonce: 'nonce-1' as string | null,
});
const clock = () => noonSec;

beforeAll(async () => {
  key = await createTestKey();
});

type Mutant = Omit<IdTokenParts, 'key'>;
const verify = async (parts: Mutant = {}, expected = expectation()) =>
  verifyIdToken(await signIdToken({ key, ...parts }), expected, clock);
const reasonOf = async (parts: Mutant, expected = expectation()) => {
  const error = await appErrorOf(() => verify(parts, expected));
  expect(error.code).toBe('invalid_response');
  return error.reason;
};
const claims = (name: string, value: unknown): Mutant => ({ claims: { [name]: value } });

describe('a good ID token', () => {
  it.each(
    ['RS', 'PS', 'ES']
      .flatMap((family) => ['256', '384', '512'].map((bits) => family + bits))
      .concat('EdDSA'),
  )('ID-02: signed with %s is accepted, with its at_hash', async (alg) => {
    const own = await createTestKey(alg);
    const digest = createHash(alg === 'EdDSA' ? 'sha512' : `sha${alg.slice(2)}`)
      .update('access-token-1')
      .digest();
    const at_hash = digest.subarray(0, digest.length / 2).toString('base64url');
    const token = await signIdToken({ key: own, claims: { at_hash } });
    expect((await verifyIdToken(token, expectation([own]), clock)).sub).toBe('user-1');
  });

  it('ID-06: with one audience in a list is accepted, with several only when azp is our client', async () => {
    await verify(claims('aud', ['client-1']));
    await verify({ claims: { aud: ['client-1', 'other'], azp: 'client-1' } });
    await verify(claims('azp', 'client-1'));
  });

  it('RF-10: after a refresh is accepted without a nonce', async () => {
    await verify(claims('nonce', undefined), { ...expectation(), nonce: null });
  });

  it('ID-13: of 60 kB is accepted', async () => {
    expect((await verify(claims('groups', 'g'.repeat(60_000)))).sub).toBe('user-1');
  });

  it('DI-10: without a key id it is verified with the only key, and rejected when there are several', async () => {
    await verify({ header: { kid: undefined } });
    const other = await createTestKey('ES256', 'key-2');
    expect(await reasonOf({ header: { kid: undefined } }, expectation([key, other]))).toBe('id_token_key');
  });
});

describe('claims of an ID token', () => {
  it.each([
    ['https://issuer.example1'],
    ['https://issuer.example/'],
    ['https://ISSUER.example'],
    ['http://issuer.example'],
    [undefined],
    [['https://issuer.example']],
    [''],
  ])('ID-05: the issuer %j is rejected', async (iss) => {
    expect(await reasonOf(claims('iss', iss))).toBe('id_token_iss');
  });

  it.each([
    ['https://issuer.example/{tenantid}/v2.0', 'https://issuer.example/11111111-2222/v2.0'],
    ['https://issuer.example/common/v2.0', 'https://issuer.example/11111111-2222/v2.0'],
    ['https://issuer.example/11111111-2222/v2.0', 'https://issuer.example/33333333-4444/v2.0'],
    ['https://issuer.example/*', 'https://issuer.example/x'],
  ])('ID-15: with %s configured, a token of %s is rejected, and its tid is ignored', async (issuer, iss) => {
    const token: Mutant = { claims: { iss, tid: '11111111-2222' } };
    expect(await reasonOf(token, { ...expectation(), issuer })).toBe('id_token_iss');
  });

  it.each([
    [{ aud: 'client-11' }, 'id_token_aud'],
    [{ aud: 'CLIENT-1' }, 'id_token_aud'],
    [{ aud: undefined }, 'id_token_aud'],
    [{ aud: [] }, 'id_token_aud'],
    [{ aud: ['client-1', 'other'] }, 'id_token_aud'],
    [{ aud: ['client-1', 'client-1'] }, 'id_token_aud'],
    [{ aud: ['client-1', 'other'], azp: 'other' }, 'id_token_azp'],
    [{ azp: 'other' }, 'id_token_azp'],
    [{ azp: ['client-1'] }, 'id_token_azp'],
    [{ azp: '' }, 'id_token_azp'],
  ])('ID-06: %j is rejected', async (mutant, reason) => {
    expect(await reasonOf({ claims: mutant })).toBe(reason);
  });

  it.each([
    [noonSec - 360, 'id_token_exp'],
    [noonSec - 60, 'id_token_exp'],
    [undefined, 'id_token_exp'],
    [String(noonSec + 300), 'id_token_exp'],
    [(noonSec + 300) * 1000, 'id_token_exp'],
    [1e300, 'id_token_times'],
    [-1, 'id_token_exp'],
    [null, 'id_token_exp'],
  ])('ID-07: the expiry %j is rejected', async (exp, reason) => {
    expect(await reasonOf(claims('exp', exp))).toBe(reason);
  });

  it.each([
    [noonSec - 7 * 86_400, 'id_token_iat'],
    [noonSec + 3_600, 'id_token_iat'],
    [undefined, 'id_token_iat'],
    [String(noonSec), 'id_token_iat'],
    [null, 'id_token_iat'],
    [-1e300, 'id_token_times'],
  ])('ID-08: issued at %j is rejected', async (iat, reason) => {
    expect(await reasonOf(claims('iat', iat))).toBe(reason);
  });

  it.each([[String(noonSec)], [null], [1e300], [{}]])('AZ-11: signed in at %j is rejected', async (time) => {
    expect(await reasonOf(claims('auth_time', time))).toBe('id_token_times');
  });

  it.each([[noonSec + 3_600], ['soon']])('ID-08: not before %j is honoured', async (nbf) => {
    expect(await reasonOf(claims('nbf', nbf))).toBe('id_token_nbf');
  });

  it.each([['nonce-11'], [undefined], [''], [null], [['nonce-1']]])(
    'ID-09: the nonce %j is rejected',
    async (nonce) => {
      expect(await reasonOf(claims('nonce', nonce))).toBe('id_token_nonce');
    },
  );

  it.each([[undefined], [''], [7], [null], ['a'.repeat(256)], ['a\nb'], ['a\ud800'], [['user-1']]])(
    'ID-10: the subject %.20j is rejected',
    async (sub) => {
      expect(await reasonOf(claims('sub', sub))).toBe('id_token_sub');
    },
  );

  it.each([['Jürgen Müller|ž'], ['👩‍🚀'.repeat(60)], ['ž'.repeat(255)], ['auth0|7']])(
    'ID-10: the subject %.20j is opaque text, and kept as it is',
    async (sub) => {
      expect((await verify(claims('sub', sub))).sub).toBe(sub);
    },
  );

  it.each([
    ['wrong'],
    [''],
    [null],
    [7],
    [createHash('sha256').update('access-token-1').digest('base64url')],
  ])('ID-11: the at_hash %j is rejected', async (at_hash) => {
    expect(await reasonOf(claims('at_hash', at_hash))).toBe('id_token_at_hash');
  });

  it('ID-14: a claim named __proto__ has no effect', async () => {
    const nonce = JSON.parse('{"__proto__":{"nonce":"nonce-1"}}');
    expect(await reasonOf({ claims: { ...nonce, nonce: undefined } })).toBe('id_token_nonce');
  });
});
