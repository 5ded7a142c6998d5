import { describe, expect, it } from 'vitest';
import { cleanWords } from './outside-words';

describe('words of another server in the log', () => {
  it('LK-01: are one line, cut, and without control characters', () => {
    expect(cleanWords('The token\r\nis \u202enot\u0000 for  this API')).toBe('The token is not for this API');
    expect(cleanWords('a b '.repeat(1_000))).toHaveLength(200);
  });

  it.each([
    ['the token eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln is over', 'the token [removed] is over'],
    [`key ${'k'.repeat(43)}.`, 'key [removed].'],
    ['ada@strongroom.test may not', '[removed] may not'],
  ])('LK-01: %s: holds no secret and no address', (words, cleaned) =>
    expect(cleanWords(words)).toBe(cleaned),
  );

  it.each([undefined, null, 7, {}, '', ' \n '])('%j is none', (value) =>
    expect(cleanWords(value)).toBeUndefined(),
  );

  it('an address of an API stays readable', () => {
    const words = 'audience https://api.example.com/v1 expected';
    expect(cleanWords(words)).toBe(words);
  });
});
