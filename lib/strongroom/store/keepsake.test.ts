import { describe, expect, it } from 'vitest';
import { Keepsake } from './keepsake';

function start(limits?: { entries: number; chars: number }) {
  const clock = { ms: 0 };
  return { clock, keepsake: new Keepsake(() => clock.ms, limits) };
}

describe('what an instance may have to give again', () => {
  it('is owed until it is written, with what is left of its life', () => {
    const { clock, keepsake } = start();
    keepsake.keep('a', '1', 1_000);
    keepsake.keep('b', '2', 2_000);
    keepsake.markWritten('a', '1');
    keepsake.markWritten('b', 'an older value');
    clock.ms = 400;
    expect(keepsake.listOwed()).toEqual([
      { key: 'b', value: '2', lifetimeMs: 1_600, state: 'unwritten', isRaised: false },
    ]);
    expect([keepsake.get('a'), keepsake.getOwed('a'), keepsake.getOwed('b')]).toEqual(['1', null, '2']);
    clock.ms = 2_000;
    expect(keepsake.listOwed()).toEqual([]);
    expect(keepsake.get('a')).toBeNull();
  });

  it('is owed again, all of it, when the store has lost it, until it is written again', () => {
    const { keepsake } = start();
    keepsake.keep('a', '1', 1_000);
    keepsake.markWritten('a', '1');
    keepsake.markAllLost();
    expect(keepsake.listOwed()).toEqual([
      { key: 'a', value: '1', lifetimeMs: 1_000, state: 'lost', isRaised: false },
    ]);
    keepsake.markWritten('a', '1');
    expect(keepsake.listOwed()).toEqual([]);
  });

  it('a raised number keeps the higher one, and says that it was raised', () => {
    const { keepsake } = start();
    keepsake.raise('n', 5, 1_000);
    keepsake.raise('n', 3, 2_000);
    expect(keepsake.listOwed()).toEqual([
      { key: 'n', value: '5', lifetimeMs: 1_000, state: 'unwritten', isRaised: true },
    ]);
  });

  it('is forgotten when it is deleted, and lives no longer than it is shortened to', () => {
    const { clock, keepsake } = start();
    keepsake.keep('a', '1', 1_000);
    keepsake.keep('b', '2', 1_000);
    keepsake.forget('a');
    keepsake.shorten('b', 100);
    keepsake.shorten('b', 5_000);
    clock.ms = 100;
    expect(keepsake.listOwed()).toEqual([]);
  });

  it('RL-06: is bounded in entries; the oldest go first', () => {
    const { keepsake } = start({ entries: 100, chars: 1_000_000 });
    for (let number = 0; number < 100_000; number += 1) keepsake.keep(`key-${number}`, 'v', 1_000_000);
    expect(keepsake.size).toBe(100);
    expect(keepsake.get('key-99999')).toBe('v');
    expect(keepsake.get('key-99899')).toBeNull();
  });

  it('RL-06: is bounded in characters, and what has ended goes before what has not', () => {
    const { clock, keepsake } = start({ entries: 1_000, chars: 1_000 });
    keepsake.keep('lasting', 'v'.repeat(400), 1_000_000);
    keepsake.keep('brief', 'v'.repeat(400), 10);
    clock.ms = 10;
    keepsake.keep('new', 'v'.repeat(400), 1_000_000);
    expect([keepsake.get('lasting'), keepsake.get('new')].map((value) => value?.length)).toEqual([400, 400]);
    keepsake.keep('newer', 'v'.repeat(400), 1_000_000);
    expect(keepsake.get('lasting')).toBeNull();
  });
});
