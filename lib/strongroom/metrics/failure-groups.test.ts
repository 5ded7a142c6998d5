import { expect, it } from 'vitest';
import { groupOfFailure } from './failure-groups';

it.each([
  ['invalid_response', 'id_token_signature', 'keys'],
  ['invalid_response', 'id_token_iat', 'clock'],
  ['invalid_response', 'id_token_nonce', 'invalid_response'],
  [undefined, undefined, 'internal_error'],
])('a failure with the code %s and the reason %s is counted as %s', (code, reason, group) => {
  expect(groupOfFailure(code, reason)).toBe(group);
});
