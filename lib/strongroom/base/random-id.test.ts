import { expect, it } from 'vitest';
import { isRandomId, newRandomId } from './random-id';

it('AZ-03: a random id is new each time, and 128 bits', () => {
  const ids = Array.from({ length: 2_000 }, newRandomId);
  expect(new Set(ids).size).toBe(2_000);
  expect(ids.every(isRandomId)).toBe(true);
  expect(Buffer.from(ids[0] ?? '', 'base64url')).toHaveLength(16);
});

it.each([
  [''],
  ['short'],
  ['a'.repeat(21)],
  ['a'.repeat(23)],
  [`${'a'.repeat(21)};`],
  [`${'a'.repeat(21)}\u0430`],
  [`${'a'.repeat(22)}\n`],
  ['a'.repeat(1_000_000)],
  [null],
  [['a'.repeat(22)]],
])('CB-03: a state like %.30j never gets into a cookie name', (state) => {
  expect(isRandomId(state)).toBe(false);
});

it('AZ-03: 128 random bits as base64url are a transaction id', () => {
  expect(isRandomId('AZaz09_-AZaz09_-AZaz09')).toBe(true);
});
