import { describe, expect, it } from 'vitest';
import { RefreshPauses } from './refresh-pauses';

function start(random = 0) {
  const clock = { ms: 0 };
  const pauses = new RefreshPauses(
    () => clock.ms,
    () => random,
  );
  return { clock, pauses };
}

describe('RF-18: peace for a server that fails', () => {
  it('RF-18: a token rests a second, then twice as long each time, up to ten seconds', () => {
    const { clock, pauses } = start();
    const rests = [1, 2, 3, 4, 5, 6].map(() => {
      pauses.noteFailure('a', 'status_503');
      pauses.noteSuccess('other');
      const startedMs = clock.ms;
      while (pauses.findReason('a') !== null) clock.ms += 100;
      return clock.ms - startedMs;
    });
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('RF-18: chance makes a rest up to a quarter longer, never shorter', () => {
    const { clock, pauses } = start(1);
    pauses.noteFailure('a', 'network');
    clock.ms = 1_249;
    expect(pauses.findReason('a')).toBe('network');
    clock.ms = 1_250;
    expect(pauses.findReason('a')).toBeNull();
  });

  it.each([
    [5_000, 5_000],
    [3_600_000, 30_000],
    [0, 1_000],
  ])('RF-18: a server that asks for %d ms gets %d', (askedMs, restMs) => {
    const { clock, pauses } = start();
    pauses.noteFailure('a', 'status_429', { askedMs });
    clock.ms = restMs - 1;
    expect(pauses.findReason('a')).toBe('status_429');
    clock.ms = restMs;
    expect(pauses.findReason('a')).toBeNull();
  });

  it('RF-18: five failures in a row of anybody open the circuit for everybody; then one tries first', () => {
    const { clock, pauses } = start();
    for (const key of ['a', 'b', 'c', 'd']) pauses.noteFailure(key, 'status_503');
    expect(pauses.findReason('z')).toBeNull();
    pauses.noteFailure('e', 'status_503');
    expect(pauses.findReason('z')).toBe('circuit_open');
    clock.ms = 2_000;
    expect(pauses.findReason('z')).toBeNull();
    expect(pauses.findReason('y')).toBe('circuit_open');
    pauses.noteSuccess('z');
    expect([pauses.findReason('y'), pauses.findReason('x')]).toEqual([null, null]);
  });

  it('RF-18: the one that tries first and never comes back does not keep the circuit open', () => {
    const { clock, pauses } = start();
    for (const key of ['a', 'b', 'c', 'd', 'e']) pauses.noteFailure(key, 'status_503');
    clock.ms = 2_000;
    expect(pauses.findReason('z')).toBeNull();
    clock.ms = 10_000;
    expect(pauses.findReason('y')).toBeNull();
  });

  it('RF-18: refusals that are about one request open nothing', () => {
    const { pauses } = start();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
      pauses.noteFailure(key, 'token_status_400', { isForAll: false });
    expect(pauses.findReason('z')).toBeNull();
    expect(pauses.findReason('a')).toBe('token_status_400');
  });

  it('RF-18: one person’s failure alone makes nobody else wait', () => {
    const { pauses } = start();
    for (let number = 0; number < 4; number += 1) pauses.noteFailure('a', 'status_503');
    expect(pauses.findReason('b')).toBeNull();
  });
});
