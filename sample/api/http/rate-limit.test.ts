import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('RS-19: a key may spend its minute at once, then one request per interval', () => {
  let nowMs = 5_000;
  const limit = createRateLimit({ perMinute: 60, nowMs: () => nowMs });
  for (let count = 0; count < 60; count++) expect(limit.take('a')).toBe(0);
  expect(limit.take('a')).toBe(1);
  expect(limit.take('b')).toBe(0);
  nowMs += 1_000;
  expect(limit.take('a')).toBe(0);
  expect(limit.take('a')).toBe(1);
  nowMs += 60_000;
  for (let count = 0; count < 60; count++) expect(limit.take('a')).toBe(0);
  expect(limit.take('a')).toBe(1);
});

test('RS-19: rejected requests do not push the wait further away', () => {
  const limit = createRateLimit({ perMinute: 1, nowMs: () => 0 });
  expect(limit.take('a')).toBe(0);
  for (let count = 0; count < 100; count++) expect(limit.take('a')).toBe(60);
});

test('RS-19: memory is bounded and forgets the key that was silent longest', () => {
  const limit = createRateLimit({ perMinute: 2, maxKeys: 2, nowMs: () => 0 });
  limit.take('a');
  limit.take('b');
  limit.take('a');
  limit.take('c');
  expect(limit.take('a')).toBeGreaterThan(0);
  expect(limit.take('b')).toBe(0);
});
