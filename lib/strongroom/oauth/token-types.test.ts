/** Headers and claims of the wrong type: rejected for good, whatever else is right. */
import { describe, expect, it } from 'vitest';
import { appErrorOf } from '../testing/expect-app-error';
import { noonSec } from '../testing/sessions';
import { verifyChanged } from '../testing/verified-tokens';

const wrongTexts: [unknown][] = [[['JWT']], [null], [7], [{}], [true], [[]]];
const wrongTimes: [unknown][] = [['soon'], [String(noonSec)], [null], [{}], [true], [[noonSec]]];

describe.each(Object.entries(verifyChanged))('ID-04, ID-14, BL-02, RF-10: an %s token', (_kind, verify) => {
  const expectRejection = async (change: Parameters<typeof verify>[0]) => {
    const { code, isUnverifiable } = await appErrorOf(() => verify(change));
    expect([code, isUnverifiable]).toEqual(['invalid_response', false]);
  };

  it('is accepted as it is', async () => {
    await expect(verify({})).resolves.toBeTruthy();
  });

  for (const name of ['alg', 'typ', 'kid', 'cty', 'jku', 'x5u', 'x5t', 'x5c', 'jwk', 'b64'])
    it.each([[[7]], [null], [7], [true]])(`whose header ${name} is %j is rejected for good`, (value) =>
      expectRejection({ header: { [name]: value } }),
    );

  it.each(wrongTexts)('whose header typ is %j is rejected for good', (typ) =>
    expectRejection({ header: { typ } }),
  );

  for (const name of ['iss', 'sub', 'sid', 'jti', 'nonce', 'azp', 'at_hash'])
    it.each(wrongTexts)(`whose claim ${name} is %j is rejected for good`, (value) =>
      expectRejection({ claims: { [name]: value } }),
    );

  it.each([[null], [7], [{}], [true], [[7]], [[['client-1']]]])(
    'whose claim aud is %j is rejected for good',
    (aud) => expectRejection({ claims: { aud } }),
  );

  for (const name of ['exp', 'iat', 'nbf', 'auth_time'])
    it.each(wrongTimes)(`whose claim ${name} is %j is rejected for good`, (value) =>
      expectRejection({ claims: { [name]: value } }),
    );

  it.each([[{}], [7], [['x']]])('whose claim acr is %j is rejected for good', (acr) =>
    expectRejection({ claims: { acr } }),
  );
});

describe('ID-04, ID-14, BL-02, RF-10: an expired ID token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['for another client', { azp: 'client-2' }],
    ['with the hash of another access token', { at_hash: 'A'.repeat(22) }],
    ['without a subject', { sub: undefined }],
    ['of another issuer', { iss: 'https://other.example' }],
  ])('%s is not excused by the clock', async (_what, claims) => {
    const late = { exp: noonSec - 90, iat: noonSec - 400, ...claims };
    expect((await appErrorOf(() => verifyChanged.id({ claims: late }))).isUnverifiable).toBe(false);
  });
});
