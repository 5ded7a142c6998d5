import { describe, expect, it } from 'vitest';
import { keepClaims } from './kept-claims';

const claims = { department: 'Sales', groups: ['a', 7, 'b'], level: 3, nested: { a: 'b' }, secret: 'x' };

describe('claims that the session keeps', () => {
  it('are the declared ones, when they are texts or lists of texts', () => {
    const kept = keepClaims(claims, ['department', 'groups', 'level', 'nested', 'absent']);
    expect(kept).toEqual({ department: 'Sales', groups: ['a', 'b'] });
  });

  it('are none when none is declared, and never members that every object has', () => {
    expect(keepClaims(claims, [])).toEqual({});
    expect(keepClaims(claims, ['constructor', '__proto__'])).toEqual({});
  });

  it('CK-11: are cut, so that they fit beside the tokens', () => {
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    const kept = keepClaims({ long: 'a'.repeat(10_000), many }, ['long', 'many']);
    expect(kept.long).toHaveLength(200);
    expect(kept.many).toHaveLength(20);
  });

  it('CK-11: are left out when they do not fit together, and those before them stay', () => {
    const wide = Array.from({ length: 20 }, () => 'a'.repeat(200));
    expect(keepClaims({ department: 'Sales', wide }, ['department', 'wide'])).toEqual({
      department: 'Sales',
    });
  });
});
