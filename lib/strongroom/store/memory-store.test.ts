import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store';

describe('the store of a single instance', () => {
  it('a value expires, and its key can be claimed again', async () => {
    const clock = { ms: 0 };
    const store = createMemoryStore(() => clock.ms);
    await store.set('key', 'value', 1_000);
    clock.ms = 999;
    expect(await store.get('key')).toBe('value');
    clock.ms = 1_000;
    expect(await store.get('key')).toBeNull();
    expect(await store.claim('key', 'new', 1_000)).toBe(true);
  });

  it('RL-06: a flood of one kind of entry pushes out nothing of another', async () => {
    const store = createMemoryStore();
    await store.set('revoked:session:1', 'signed_out', 60_000);
    for (let number = 0; number < 200_000; number += 1) await store.set(`rate:${number}`, '1', 60_000);
    expect(await store.get('revoked:session:1')).toBe('signed_out');
    expect(await store.get('rate:0')).toBeNull();
  });
});
