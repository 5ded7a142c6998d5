import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map';

function createMap(maxEntries: number) {
  const clock = { ms: 0 };
  return { clock, map: new BoundedMap<string>(maxEntries, () => clock.ms) };
}

describe('a map of bounded size', () => {
  it('returns a value until its end, and not at its end', () => {
    const { clock, map } = createMap(10);
    map.set('a', 'A', 1_000);
    clock.ms = 999;
    expect(map.get('a')).toBe('A');
    clock.ms = 1_000;
    expect(map.get('a')).toBeNull();
    expect(map.size).toBe(0);
  });

  it('drops the least recently used entry when it is full', () => {
    const { map } = createMap(2);
    map.set('a', 'A', 1_000);
    map.set('b', 'B', 1_000);
    map.get('a');
    map.set('c', 'C', 1_000);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual(['A', null, 'C']);
  });

  it('reading does not prolong a value', () => {
    const { clock, map } = createMap(2);
    map.set('a', 'A', 1_000);
    clock.ms = 900;
    map.get('a');
    clock.ms = 1_100;
    expect(map.get('a')).toBeNull();
  });

  it('setting again replaces value and end', () => {
    const { clock, map } = createMap(2);
    map.set('a', 'A', 1_000);
    map.set('a', 'B', 5_000);
    clock.ms = 4_000;
    expect(map.get('a')).toBe('B');
    map.delete('a');
    expect(map.get('a')).toBeNull();
  });

  it('replacing a value keeps its end, and makes none where there is none', () => {
    const { clock, map } = createMap(2);
    map.replace('a', 'A');
    expect(map.get('a')).toBeNull();
    map.set('a', 'A', 1_000);
    clock.ms = 500;
    map.replace('a', 'B');
    expect(map.get('a')).toBe('B');
    clock.ms = 1_000;
    expect(map.get('a')).toBeNull();
  });

  it('shortening brings the end nearer and never further away', () => {
    const { clock, map } = createMap(2);
    map.shorten('a', 1_000);
    map.set('a', 'A', 1_000);
    map.shorten('a', 5_000);
    clock.ms = 999;
    expect(map.get('a')).toBe('A');
    map.set('a', 'A', 1_000);
    map.shorten('a', 100);
    clock.ms = 1_099;
    expect(map.get('a')).toBeNull();
  });

  it('RL-06: expired entries are removed even if they are never read again', () => {
    const { clock, map } = createMap(10_000);
    for (let number = 0; number < 999; number += 1) map.set(`old-${number}`, 'x', 1_000);
    clock.ms = 1_000;
    map.set('new', 'x', 1_000);
    expect(map.size).toBe(1);
  });

  it('RL-06: 100 000 keys of a visitor leave no more than the limit', () => {
    const { map } = createMap(100);
    for (let number = 0; number < 100_000; number += 1) map.set(`key-${number}`, 'x', 60_000);
    expect(map.size).toBe(100);
  });
});
