import { describe, expect, it } from 'vitest';
import { signInReasons } from '@/lib/strongroom/session/loaded-session';
import { explainRejection } from './session-rejection-words';

describe('why a session was rejected, in words', () => {
  it.each(signInReasons)('is one sentence for %s', (reason) => {
    expect(explainRejection(reason, 1_800)).toMatch(/^[A-Z][^.]+\.$/);
  });

  it.each([
    [1_800, '30 minutes'],
    [8 * 3_600, '8 hours'],
  ])('names the idle time: %d seconds are %s', (idleSec, duration) => {
    expect(explainRejection('idle', idleSec)).toContain(`for more than ${duration},`);
  });
});
