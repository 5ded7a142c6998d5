import { describe, expect, it } from 'vitest';
import { isNonEmptyString, isRecord, readPlainText } from './guards';

describe('guards for values from outside', () => {
  it.each([[null], [undefined], [[]], ['text'], [1]])('%j is no record', (value) => {
    expect(isRecord(value)).toBe(false);
  });

  it('an object is a record', () => {
    expect(isRecord({})).toBe(true);
  });

  it('an empty text is no text', () => {
    expect(isNonEmptyString('')).toBe(false);
    expect(isNonEmptyString(1)).toBe(false);
    expect(isNonEmptyString('a')).toBe(true);
  });

  it.each([
    ['line\r\nbreak', 'linebreak'],
    ['\u001b[31mred', '[31mred'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['\u2066a\u2069', 'a'],
    ['  Ada  ', 'Ada'],
    ['<script>', '<script>'],
  ])('TK-18: %j is read as %j', (value, text) => {
    expect(readPlainText(value, 50)).toBe(text);
  });

  it.each([[''], ['   '], ['\u0000\u0007'], [null], [12], [['Ada']], [{ toString: () => 'Ada' }]])(
    'TK-18: %j is no text',
    (value) => {
      expect(readPlainText(value, 50)).toBeNull();
    },
  );

  it('TK-18: a text is cut by characters, never inside one', () => {
    expect(readPlainText('🙂🙂🙂', 2)).toBe('🙂🙂');
    expect(readPlainText('a'.repeat(1_000_000), 120)).toHaveLength(120);
  });
});
