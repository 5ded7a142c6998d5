import { describe, expect, it } from 'vitest';
import { newReference, readReference } from './reference';

describe('the reference on a problem page', () => {
  it('is eight characters in two groups, without vowels, and new each time', () => {
    const references = Array.from({ length: 200 }, newReference);
    for (const reference of references)
      expect(reference).toMatch(/^[2-9B-DF-HJKMNP-TV-XZ]{4}-[2-9B-DF-HJKMNP-TV-XZ]{4}$/);
    expect(new Set(references).size).toBe(200);
  });

  it('is read back', () => {
    const reference = newReference();
    expect(readReference(reference)).toBe(reference);
  });

  it.each([['7kxm-q2dz'], ['7KXM-Q2DZ\n'], ['<b>-1'], [''], [null], [['7KXM-Q2DZ']], [' 7KXM-Q2DZ']])(
    'CB-12: %j is no reference and is not shown',
    (value) => {
      expect(readReference(value)).toBeNull();
    },
  );
});
