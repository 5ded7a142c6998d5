import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pageSchema, wireText, wireTime } from './wire';

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

describe('a page of a list', () => {
  const schema = pageSchema(z.object({ id: z.string() }));
  const page = (changes = {}) => ({ items: [{ id: 'a' }], page: 1, per_page: 20, total: 1, ...changes });

  it('is read in our own terms', () => {
    expect(schema.parse(page({ more: 1 }))).toEqual({ items: [{ id: 'a' }], page: 1, perPage: 20, total: 1 });
  });

  it.each([
    [{ items: Array.from({ length: 10_000 }, () => ({ id: 'a' })) }],
    [{ items: { length: 1 } }],
    [{ items: [{ id: 7 }] }],
    [{ total: 1e300 }],
    [{ total: -1 }],
    [{ page: 1.5 }],
    [{ per_page: undefined }],
  ])('RC-11: with %.60j is rejected', (changes) => {
    expect(schema.safeParse(page(changes)).success).toBe(false);
  });
});
