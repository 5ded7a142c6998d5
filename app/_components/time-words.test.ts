import { describe, expect, it } from 'vitest';
import { sayDuration, sayExactly, sayWhen } from './time-words';

const nowSec = Date.UTC(2026, 2, 12, 14, 5) / 1000;

describe('times in words', () => {
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
    [-59, 'just now'],
    [-60, '1 minute ago'],
    [86_400, 'tomorrow'],
    [-7 * 86_400, '7 days ago'],
    [-7 * 86_400 - 1, '5 March 2026'],
    [-8 * 86_400, '4 March 2026'],
  ])('%i seconds from now is said as "%s"', (distanceSec, words) => {
    expect(sayWhen(nowSec + distanceSec, nowSec)).toBe(words);
  });

  it('names the zone of an exact time', () => {
    expect(sayExactly(nowSec)).toBe('12 March 2026 at 14:05 UTC');
  });

  it.each([
    [90, '90 seconds'],
    [300, '5 minutes'],
    [5_400, '90 minutes'],
    [7_200, '2 hours'],
    [86_400, '24 hours'],
    [604_800, '7 days'],
    [2_592_000, '30 days'],
    [3_600, '60 minutes'],
    [60, '60 seconds'],
    [86_401, '86,401 seconds'],
  ])('%d seconds last "%s"', (seconds, words) => {
    expect(sayDuration(seconds)).toBe(words);
  });
});
