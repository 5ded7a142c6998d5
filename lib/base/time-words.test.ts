import { describe, expect, it } from 'vitest';
import { sayExactly, sayWhen } from './time-words';

const nowSec = Date.UTC(2026, 2, 12, 14, 5) / 1000;

describe('times as people say them', () => {
  it.each([
    [0, 'just now'],
    [-20, 'just now'],
    [1, 'in less than a minute'],
    [59, 'in less than a minute'],
    [60, 'in 1 minute'],
    [4 * 60 + 30, 'in 4 minutes'],
    [-3600, '1 hour ago'],
    [-86_400, 'yesterday'],
    [7 * 86_400, 'in 7 days'],
    [7 * 86_400 - 1, 'in 7 days'],
    [6.5 * 86_400, 'in 6 days'],
    [-8 * 86_400, '4 March 2026'],
  ])('%i seconds from now is said as "%s"', (distanceSec, words) => {
    expect(sayWhen(nowSec + distanceSec, nowSec)).toBe(words);
  });

  it('names the zone of an exact time', () => {
    expect(sayExactly(nowSec)).toBe('12 March 2026 at 14:05 UTC');
  });
});
