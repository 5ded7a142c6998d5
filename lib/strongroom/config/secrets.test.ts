import { describe, expect, it } from 'vitest';
import { findSecretProblem, parseSecrets } from './secrets';

const a = 'mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA';
const b = 'Zt4kW8qN1rV6xM3pJ7hB5yC9uG2dE0fS';

const unnumbered =
  'must number every secret of the list, such as 2:new,1:old; the one that had no number is 1';
const unknownPrefix = 'has a mark that is unknown; a secret that does not seal yet is written as in 3:next:…';

describe('the numbered list of secrets', () => {
  it('CK-07: the highest number comes first, wherever it stands', () => {
    const expected = {
      entries: [
        { number: 2, secret: b, isNext: false },
        { number: 1, secret: a, isNext: false },
      ],
    };
    expect(parseSecrets(`1:${a},2:${b}`)).toEqual(expected);
    expect(parseSecrets(` 2:${b} , 1:${a} `)).toEqual(expected);
  });

  it('a single secret needs no number', () => {
    expect(parseSecrets(a)).toEqual({ entries: [{ number: 1, secret: a, isNext: false }] });
  });

  it.each(['next', 'Next', 'NEXT'])('CK-07: a secret marked %s comes first and does not seal yet', (mark) => {
    expect(parseSecrets(`1:${a},2:${mark}:${b}`)).toEqual({
      entries: [
        { number: 2, secret: b, isNext: true },
        { number: 1, secret: a, isNext: false },
      ],
    });
  });

  it.each([
    [`2:next:${a}`, 'has only secrets marked next; keep the old one in the list, or remove the mark'],
    [
      `2:${a},1:next:${b}`,
      'marks a secret next that another one has replaced; give it the highest number, or remove the mark',
    ],
    [`2:nxt:${b},1:${a}`, unknownPrefix],
    [`2:${b}:next,1:${a}`, unknownPrefix],
    [`next:${b},1:${a}`, unnumbered],
    [`2:next:short,1:${a}`, 'is too short (5 of at least 32 characters); make one with: npm run secret'],
    [`${a},${b}`, unnumbered],
    [`2:${a},${b}`, unnumbered],
    [`1:${a},`, unnumbered],
    [`1:${a},1:${b}`, 'must have another number for every secret'],
    [`01:${a},1:${b}`, 'must have another number for every secret'],
    [`2:${a},1:short`, 'is too short (5 of at least 32 characters); make one with: npm run secret'],
  ])('%s is rejected: %s', (text, problem) => {
    expect(parseSecrets(text)).toBe(problem);
  });
});

describe('a secret', () => {
  it.each([
    [''],
    ['changeme'],
    ['kT5bW9qN2rV7xM4pkT5bW9qN2rV7xM4'],
    ['1:<32 random bytes: npm run secret>'],
    ['please-change-me-before-production-use'],
    ['this-is-an-example-secret-of-32-chars'],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['abababababababababababababababababab'],
    ['00000000mQ7vT2xK9pL4wR8nB3cY6zH1'],
    ['mypassword-mQ7vT2xK9pL4wR8nB3cY6zH1'],
    ['12345678901234567890123456789012'],
  ])('CK-03: %s is rejected, with a sentence that says what to do', (secret) => {
    expect(findSecretProblem(secret)).toMatch(/npm run secret$/);
  });

  it('CK-03: one of 32 random characters is accepted', () => {
    expect(findSecretProblem(a)).toBeNull();
  });
});
