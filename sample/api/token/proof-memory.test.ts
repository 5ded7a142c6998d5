import { expect, test } from 'vitest';
import { createProofMemory } from './proof-memory.ts';

test('RS-13: a proof is remembered for its time, per key, and a full memory rejects rather than forgets', () => {
  let nowMs = 0;
  const memory = createProofMemory({ keepMs: 100, maxProofs: 2, nowMs: () => nowMs });
  expect(memory.remember('key', 'a')).toBe('new');
  expect(memory.remember('key', 'a')).toBe('replayed');
  expect(memory.remember('other', 'a')).toBe('new');
  expect(memory.remember('key', 'b')).toBe('full');
  nowMs = 100;
  expect(memory.remember('key', 'b')).toBe('new');
});
