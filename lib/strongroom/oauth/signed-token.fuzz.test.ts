/**
 * Thousands of changes of an ID token and of a logout token: each is rejected with a code. ID-01 to ID-04,
 * BL-02
 */
import fc from 'fast-check';
import { createLocalJWKSet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../base/errors';
import { budget } from '../testing/fuzz-budget';
import { createTestKey, signIdToken, type TestKey } from '../testing/id-tokens';
import { isSameToken, jwtMutantOf } from '../testing/jwt-mutations';
import { signLogoutToken } from '../testing/logout-tokens';
import { noonSec } from '../testing/sessions';
import { verifyIdToken } from './id-token';
import { verifyLogoutToken } from './logout-token';

let key: TestKey;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  key = await createTestKey('RS256');
  const otherKey = await createTestKey('RS256', key.kid);
  const claims = { sub: 'user-2' };
  tokens.id = await signIdToken({ key });
  tokens.logout = await signLogoutToken({ key });
  tokens.idOfAnother = await signIdToken({ key, claims });
  tokens.logoutOfAnother = await signLogoutToken({ key, claims });
  tokens.idByOtherKey = await signIdToken({ key: otherKey });
  tokens.logoutByOtherKey = await signLogoutToken({ key: otherKey });
});

const expected = () => ({
  ...{
    issuer: 'https://issuer.example',
    clientId: 'client-1',
    accessToken: 'access-token-1',
    nonce: 'nonce-1',
  },
  keys: createLocalJWKSet({ keys: [key.jwk] }),
});
const kinds = {
  id: (text: string) => verifyIdToken(text, expected(), () => noonSec),
  logout: (text: string) => verifyLogoutToken(text, expected(), () => noonSec),
};

describe.each(Object.entries(kinds))('the %s token', (kind, verify) => {
  it('is accepted unchanged', async () => {
    await expect(verify(tokens[kind] ?? '')).resolves.toBeTruthy();
  });

  it('ID-01, ID-02, ID-03, ID-04, BL-02: changed in any way is rejected with a code, and never accepted as another token', async () => {
    const own = tokens[kind] ?? '';
    const { [`${kind}OfAnother`]: _, ...rest } = tokens;
    const others = Object.values(tokens).filter((other) => other !== own);
    const isGood = (text: string) => isSameToken(text, own) || text === tokens[`${kind}OfAnother`];
    const run = fc.asyncProperty(
      fc.oneof({ weight: 20, arbitrary: jwtMutantOf(own, others) }, fc.constantFrom(...Object.values(rest))),
      async (text) => {
        const error: unknown = await verify(text).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error === null) return void expect(isGood(text)).toBe(true);
        expect(error).toBeInstanceOf(AppError);
        const { code, reason } = error as AppError;
        expect([code, reason]).toEqual([
          'invalid_response',
          expect.stringMatching(/^(id|logout)_token_[a-z_]{1,30}$/),
        ]);
      },
    );
    await fc.assert(run, budget(3_000));
  });
});
