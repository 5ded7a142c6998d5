/**
 * Both kinds of token that the authorization server signs, verified at noon as the application does it: a
 * good one but for the change. Test support only.
 */
import { createLocalJWKSet } from 'jose';
import { verifyIdToken } from '../oauth/id-token';
import { verifyLogoutToken } from '../oauth/logout-token';
import { createTestKey, signIdToken, type TestKey, withHeader } from './id-tokens';
import { signLogoutToken } from './logout-tokens';
import { noonSec } from './sessions';

type Change = { header?: Record<string, unknown>; claims?: Record<string, unknown> };

const clock = () => noonSec;
let created: Promise<TestKey> | null = null;

export const verifyChanged = {
  // As after a refresh: no nonce is expected, so that nothing but the change can be wrong.
  id: async (change: Change) => {
    const { token, expected } = await prepare(signIdToken, change);
    return verifyIdToken(token, { ...expected, accessToken: 'access-token-1', nonce: null }, clock);
  },
  logout: async (change: Change) => {
    const { token, expected } = await prepare(signLogoutToken, change);
    return verifyLogoutToken(token, expected, clock);
  },
};

async function prepare(sign: typeof signIdToken, { header = {}, claims = {} }: Change) {
  created ??= createTestKey();
  const key = await created;
  const keys = createLocalJWKSet({ keys: [key.jwk] });
  return {
    token: await withHeader(await sign({ key, claims }), key, header),
    expected: { issuer: 'https://issuer.example', clientId: 'client-1', keys },
  };
}
