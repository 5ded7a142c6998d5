/** One clock tolerance, 60 seconds, for every time of every token that the authorization server signs. */
import { describe, expect, it } from 'vitest';
import { appErrorOf } from '../testing/expect-app-error';
import { noonSec } from '../testing/sessions';
import { verifyChanged } from '../testing/verified-tokens';

describe.each(Object.entries(verifyChanged))('an %s token', (kind, verify) => {
  it.each([
    ['exp', -59],
    ['nbf', 59],
    ['iat', 59],
  ])('ID-07, ID-08, ID-12, BL-02: whose %s is off by %i seconds is accepted', async (claim, offset) => {
    await expect(verify({ claims: { [claim]: noonSec + offset } })).resolves.toBeTruthy();
  });

  it.each([
    ['exp', -61],
    ['nbf', 61],
    ['iat', 61],
  ])('ID-07, ID-08, ID-12, BL-02: whose %s is off by %i seconds is rejected', async (claim, offset) => {
    const error = await appErrorOf(() => verify({ claims: { [claim]: noonSec + offset } }));
    expect(error).toMatchObject({
      code: 'invalid_response',
      reason: `${kind}_token_${claim}`,
      isUnverifiable: true,
    });
  });
});
