import { describe, expect, it } from 'vitest';
import { readRetryAfter } from './retry-after';

describe('Retry-After', () => {
  it.each([
    ['120', 120],
    [' 5 ', 5],
    ['0', 0],
    ['999999', 3_600],
    ['9999999', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('RC-07: %j means %j seconds', (value, seconds) => {
    expect(readRetryAfter(value)).toBe(seconds);
  });
});
