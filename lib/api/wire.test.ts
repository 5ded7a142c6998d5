import { describe, expect, it } from 'vitest';
import { wireText, wireTime } from './wire';

describe('text of the API', () => {
  it.each([
    ['Ada', 'Ada'],
    ['<script>', '<script>'],
    [null, ''],
    [undefined, ''],
    ['a'.repeat(1_000_000), 'aaaaa'],
  ])('RC-11: %.20j is read as text of at most five characters', (value, text) => {
    expect(wireText(5).parse(value)).toBe(text.slice(0, 5));
  });

  it.each([[7], [{}], [['a']], [true]])('RC-11: %j is no text', (value) => {
    expect(wireText(5).safeParse(value).success).toBe(false);
  });
});

describe('a time of the API', () => {
  it.each(['2026-03-12T12:00:00Z', '2026-03-12T12:00:00.123456+02:00'])('RC-11: %s is one', (value) => {
    expect(wireTime.safeParse(value).success).toBe(true);
  });

  it.each(['2026-03-12', 'soon', '2026-02-30T00:00:00Z', 7, `2026-03-12T12:00:00.${'0'.repeat(100)}Z`])(
    'RC-11: %.40j is none',
    (value) => {
      expect(wireTime.safeParse(value).success).toBe(false);
    },
  );
});
