/** One clock tolerance, 60 seconds, for every time of every token that the authorization server signs. */
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
type Claims = Record<string, unknown>;
const kinds = {
  id: async (claims: Claims) => {
    const own = { ...expected(), accessToken: 'access-token-1', nonce: 'nonce-1' };
    return verifyIdToken(await signIdToken({ key, claims }), own, clock);
  },
  logout: async (claims: Claims) =>
    verifyLogoutToken(await signLogoutToken({ key, claims }), expected(), clock),
};

describe.each(Object.entries(kinds))('an %s token', (kind, verify) => {
  it.each([
    ['exp', -59],
    ['nbf', 59],
    ['iat', 59],
  ])('ID-07, ID-08, ID-12, BL-02: whose %s is off by %i seconds is accepted', async (claim, offset) => {
    await expect(verify({ [claim]: noonSec + offset })).resolves.toBeTruthy();
  });

  it.each([
    ['exp', -61],
    ['nbf', 61],
    ['iat', 61],
  ])('ID-07, ID-08, ID-12, BL-02: whose %s is off by %i seconds is rejected', async (claim, offset) => {
    const error = await appErrorOf(() => verify({ [claim]: noonSec + offset }));
    expect(error).toMatchObject({
      code: 'invalid_response',
      reason: `${kind}_token_${claim}`,
      isUnverifiable: true,
    });
  });
});
