import { describe, expect, it } from 'vitest';
import { AppError, type ReasonOf } from '../../base/errors';
import { RefreshBackOff } from './back-off';

const unavailable = (reason: ReasonOf<'temporarily_unavailable'>, retryAfterSec?: number) =>
  new AppError('temporarily_unavailable', { reason, retryAfterSec });

function start(random = 0) {
  const clock = { ms: 0 };
  const backOff = new RefreshBackOff(
    () => clock.ms,
    () => random,
  );
  return { clock, backOff };
}

describe('RF-18: the back-off from a server that fails', () => {
  it('RF-18: a refresh token waits a second, then twice as long each time, up to ten seconds', () => {
    const { clock, backOff } = start();
    const waits = [1, 2, 3, 4, 5, 6].map(() => {
      backOff.noteFailure('a', unavailable('status_503'));
      backOff.reset('other');
      const startedMs = clock.ms;
      while (backOff.findReason('a') !== null) clock.ms += 100;
      return clock.ms - startedMs;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('RF-18: jitter makes a wait up to a quarter longer, never shorter', () => {
    const { clock, backOff } = start(1);
    backOff.noteFailure('a', unavailable('network'));
    clock.ms = 1_249;
    expect(backOff.findReason('a')).toBe('network');
    clock.ms = 1_250;
    expect(backOff.findReason('a')).toBeNull();
  });

  it.each([
    [5, 5_000],
    [3_600, 30_000],
    [0, 1_000],
  ])('RF-18: a server whose Retry-After is %d s is not asked for %d ms', (retryAfterSec, waitMs) => {
    const { clock, backOff } = start();
    backOff.noteFailure('a', unavailable('status_429', retryAfterSec));
    clock.ms = waitMs - 1;
    expect(backOff.findReason('a')).toBe('status_429');
    clock.ms = waitMs;
    expect(backOff.findReason('a')).toBeNull();
  });

  it('RF-18: five failures in a row open the circuit for all tokens; then one request tries first', () => {
    const { clock, backOff } = start();
    for (const key of ['a', 'b', 'c', 'd']) backOff.noteFailure(key, unavailable('status_503'));
    expect(backOff.findReason('z')).toBeNull();
    backOff.noteFailure('e', unavailable('status_503'));
    expect(backOff.findReason('z')).toBe('circuit_open');
    clock.ms = 2_000;
    expect(backOff.findReason('z')).toBeNull();
    expect(backOff.findReason('y')).toBe('circuit_open');
    backOff.reset('z');
    expect([backOff.findReason('y'), backOff.findReason('x')]).toEqual([null, null]);
  });

  it('RF-18: a first request that gets no response does not keep the circuit open', () => {
    const { clock, backOff } = start();
    for (const key of ['a', 'b', 'c', 'd', 'e']) backOff.noteFailure(key, unavailable('status_503'));
    clock.ms = 2_000;
    expect(backOff.findReason('z')).toBeNull();
    clock.ms = 10_000;
    expect(backOff.findReason('y')).toBeNull();
  });

  it('RF-18: rejections that are about one request do not open the circuit', () => {
    const { backOff } = start();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
      backOff.noteFailure(key, new AppError('invalid_response', { reason: 'token_response_status' }));
    expect(backOff.findReason('z')).toBeNull();
    expect(backOff.findReason('a')).toBe('token_response_status');
  });

  it('RF-18: four failures of one user make no other user wait', () => {
    const { backOff } = start();
    for (let number = 0; number < 4; number += 1) backOff.noteFailure('a', unavailable('status_503'));
    expect(backOff.findReason('b')).toBeNull();
  });
});
