import { describe, expect, it } from 'vitest';
import { createAttemptLimiter } from './rate-limit.ts';

function createSetup(maxKeys = 100) {
  const clock = { sec: 0 };
  return { clock, limiter: createAttemptLimiter({ limit: 2, windowSec: 60, maxKeys }, () => clock.sec) };
}

describe('attempt limiter', () => {
  it('blocks after the limit and says how long to wait', () => {
    const { clock, limiter } = createSetup();
    limiter.take('a');
    limiter.take('a');
    clock.sec = 20;
    expect(limiter.take('a')).toEqual({ kind: 'blocked', retryAfterSec: 40 });
  });

  it('allows again when the window is over', () => {
    const { clock, limiter } = createSetup();
    limiter.take('a');
    limiter.take('a');
    clock.sec = 60;
    expect(limiter.take('a')).toEqual({ kind: 'allowed' });
  });

  it('does not let blocked attempts prolong the wait', () => {
    const { clock, limiter } = createSetup();
    for (let attempt = 0; attempt < 9; attempt += 1) limiter.take('a');
    clock.sec = 59.5;
    expect(limiter.take('a')).toEqual({ kind: 'blocked', retryAfterSec: 1 });
  });

  it('counts keys apart and forgets a key that proved itself', () => {
    const { limiter } = createSetup();
    limiter.take('a');
    limiter.take('a');
    expect(limiter.take('b').kind).toBe('allowed');
    limiter.forget('a');
    expect(limiter.take('a').kind).toBe('allowed');
  });

  it('gives one attempt back', () => {
    const { limiter } = createSetup();
    limiter.take('a');
    limiter.take('a');
    limiter.giveBack('a');
    expect(limiter.take('a').kind).toBe('allowed');
    expect(limiter.take('a').kind).toBe('blocked');
  });

  it('never holds more keys than allowed and drops the oldest', () => {
    const { limiter } = createSetup(3);
    for (const key of ['a', 'b', 'c', 'd']) limiter.take(key);
    expect(limiter.size).toBe(3);
    limiter.take('a');
    expect(limiter.take('a').kind).toBe('allowed');
  });
});
