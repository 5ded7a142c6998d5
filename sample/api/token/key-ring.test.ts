import type { JWK } from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { KeyRing } from './key-ring.ts';
import type { KeySnapshot } from './load-keys.ts';

/** A ring over keys that the test changes, with a clock and fetches that the test holds. */
function createRing(...kids: string[]) {
  const world = { kids, nowMs: 1_000_000, loads: 0, isAway: false, gate: Promise.resolve() };
  const load = async (): Promise<KeySnapshot> => {
    world.loads += 1;
    await world.gate;
    if (world.isAway) throw new Error('away');
    return {
      server: { issuer: 'https://as.test' },
      keys: world.kids.map((kid) => ({ kty: 'RSA', kid }) as JWK),
    };
  };
  return { world, ring: new KeyRing(load, () => world.nowMs) };
}
const header = (kid?: string) => ({ alg: 'RS256', kid });

describe('RS-15: keys', () => {
  test('RS-15: known keys are fetched once', async () => {
    const { ring, world } = createRing('a', 'b');
    for (const kid of ['a', 'b', 'a', undefined]) expect((await ring.find(header(kid))).kind).toBe('known');
    expect(world.loads).toBe(1);
  });

  test('RS-15, DI-07: two rotations within five seconds are both followed', async () => {
    const { ring, world } = createRing('a');
    await ring.find(header('a'));
    for (const kid of ['b', 'c']) {
      world.nowMs += 2_000;
      world.kids = [kid];
      expect((await ring.find(header(kid))).kind).toBe('known');
    }
    expect(world.loads).toBe(3);
  });

  test('RS-15, DI-08: a flood of unknown keys costs one fetch per window', async () => {
    const { ring, world } = createRing('a');
    await ring.find(header('a'));
    world.nowMs += 1_000;
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => ring.find(header(`forged-${index}`))),
    );
    expect(new Set(answers.map((answer) => answer.kind))).toEqual(new Set(['unknown']));
    expect(world.loads).toBe(2);
    world.nowMs += 999;
    await ring.find(header('forged'));
    expect(world.loads).toBe(2);
  });

  test('RS-15: requests that arrive during a fetch wait for it', async () => {
    const { ring, world } = createRing('a');
    const gate = Promise.withResolvers<void>();
    world.gate = gate.promise;
    const answers = Promise.all([ring.find(header('a')), ring.find(header('a')), ring.find(header('a'))]);
    gate.resolve();
    expect((await answers).map((answer) => answer.kind)).toEqual(['known', 'known', 'known']);
    expect(world.loads).toBe(1);
  });

  test('RS-15, DI-09: when the server is away, known keys verify and unknown ones wait', async () => {
    const { ring, world } = createRing('a');
    await ring.find(header('a'));
    world.isAway = true;
    world.nowMs += 10 * 60_000;
    expect((await ring.find(header('a'))).kind).toBe('known');
    expect(await ring.find(header('new'))).toEqual({ kind: 'unavailable', retryAfterSec: 5 });
    world.isAway = false;
    world.kids = ['new'];
    world.nowMs += 1_000;
    expect((await ring.find(header('new'))).kind).toBe('known');
  });

  test('RS-15: a withdrawn key leaves with the renewal behind a request', async () => {
    const { ring, world } = createRing('a', 'b');
    await ring.find(header('a'));
    world.kids = ['b'];
    world.nowMs += 5 * 60_000 + 1;
    await ring.find(header('b'));
    await Promise.resolve();
    world.nowMs += 1;
    await ring.find(header('unknown, to wait for the renewal'));
    expect((await ring.find(header('a'))).kind).toBe('unknown');
  });

  test('RS-15: keys that nobody confirmed for a day are not trusted', async () => {
    const { ring, world } = createRing('a');
    await ring.find(header('a'));
    world.isAway = true;
    world.nowMs += 24 * 3_600_000 + 1;
    expect((await ring.find(header('a'))).kind).toBe('unavailable');
  });
});
