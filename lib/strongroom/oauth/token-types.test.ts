/** Headers and claims of the wrong type: rejected for good, whatever else is right. ID-04, ID-14, BL-02, RF-10 */
import { createLocalJWKSet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { appErrorOf } from '../testing/expect-app-error';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { signLogoutToken } from '../testing/logout-tokens';
import { noonSec } from '../testing/sessions';
import { verifyIdToken } from './id-token';
import { verifyLogoutToken } from './logout-token';

let key: TestKey;
beforeAll(async () => {
  key = await createTestKey();
});

const clock = () => noonSec;
const expected = () => ({
  issuer: 'https://issuer.example',
  clientId: 'client-1',
  keys: createLocalJWKSet({ keys: [key.jwk] }),
});

type Change = { header?: Record<string, unknown>; claims?: Record<string, unknown> };
const kinds = {
  // As after a refresh: no nonce is expected, so that nothing but the type can be wrong with one.
  id: async (change: Change) => {
    const own = { ...expected(), accessToken: 'access-token-1', nonce: null };
    return verifyIdToken(await signWith(signIdToken, change), own, clock);
  },
  logout: async (change: Change) =>
    verifyLogoutToken(await signWith(signLogoutToken, change), expected(), clock),
};

/** The library signs no wrong headers, so that the header is replaced and the token signed by hand. */
async function signWith(sign: typeof signIdToken, { header = {}, claims = {} }: Change): Promise<string> {
  const [head = '', payload] = (await sign({ key, claims })).split('.');
  const right = JSON.parse(Buffer.from(head, 'base64url').toString());
  const encoded = Buffer.from(JSON.stringify({ ...right, ...header })).toString('base64url');
  const input = `${encoded}.${payload}`;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

const wrongTexts: [unknown][] = [[['JWT']], [null], [7], [{}], [true], [[]]];
const wrongTimes: [unknown][] = [['soon'], [String(noonSec)], [null], [{}], [true], [[noonSec]]];

describe.each(Object.entries(kinds))('an %s token', (_kind, verify) => {
  const refuse = async (change: Change) => {
    const { code, isUnverifiable } = await appErrorOf(() => verify(change));
    expect([code, isUnverifiable]).toEqual(['invalid_response', false]);
  };

  it('is accepted as it is', async () => {
    await expect(verify({})).resolves.toBeTruthy();
  });

  for (const name of ['alg', 'typ', 'kid', 'cty', 'jku', 'x5u', 'x5t', 'x5c', 'jwk', 'b64'])
    it.each([[[7]], [null], [7], [true]])(`whose header ${name} is %j is rejected for good`, (value) =>
      refuse({ header: { [name]: value } }),
    );

  it.each(wrongTexts)('whose header typ is %j is rejected for good', (typ) => refuse({ header: { typ } }));

  for (const name of ['iss', 'sub', 'sid', 'jti', 'nonce', 'azp', 'at_hash'])
    it.each(wrongTexts)(`whose claim ${name} is %j is rejected for good`, (value) =>
      refuse({ claims: { [name]: value } }),
    );

  it.each([[null], [7], [{}], [true], [[7]], [[['client-1']]]])(
    'whose claim aud is %j is rejected for good',
    (aud) => refuse({ claims: { aud } }),
  );

  for (const name of ['exp', 'iat', 'nbf', 'auth_time'])
    it.each(wrongTimes)(`whose claim ${name} is %j is rejected for good`, (value) =>
      refuse({ claims: { [name]: value } }),
    );

  it.each([[{}], [7], [['x']]])('whose claim acr is %j is rejected for good', (acr) =>
    refuse({ claims: { acr } }),
  );
});

describe('an expired ID token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['for another client', { azp: 'client-2' }],
    ['with the hash of another access token', { at_hash: 'A'.repeat(22) }],
    ['without a subject', { sub: undefined }],
    ['of another issuer', { iss: 'https://other.example' }],
  ])('%s is not excused by the clock', async (_what, claims) => {
    const late = { exp: noonSec - 90, iat: noonSec - 400, ...claims };
    expect((await appErrorOf(() => kinds.id({ claims: late }))).isUnverifiable).toBe(false);
  });
});
