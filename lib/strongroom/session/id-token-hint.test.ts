import { beforeEach, describe, expect, it } from 'vitest';
import { currentStore } from '../store/current-store';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { keepIdTokenHint, readIdTokenHint, removeIdTokenHint } from './id-token-hint';

let store: WatchedStore;
beforeEach(() => {
  useEnvironment();
  store = watchStore();
});

const sessionOf = (number: number, idToken: string | null = `id-token-${number}`) =>
  buildSession({ id: `session-0123456789-${number}`, tokens: buildTokens({ idToken }) });
const withoutIdToken = (number: number) => sessionOf(number, null);

describe('the ID token as a hint', () => {
  it('is read from the cookie first, else from the store, and by its own session alone', async () => {
    await keepIdTokenHint(sessionOf(1));
    expect(await readIdTokenHint(sessionOf(1, 'newer'))).toBe('newer');
    expect(await readIdTokenHint(withoutIdToken(1))).toBe('id-token-1');
    expect(await readIdTokenHint(withoutIdToken(2))).toBeNull();
  });

  it('CK-11: takes at most eight places for a user, however many sessions they begin', async () => {
    const keys = new Set<string>();
    const { set } = currentStore();
    currentStore().set = (key, value, lifetimeMs) => {
      keys.add(key);
      return set(key, value, lifetimeMs);
    };
    for (let number = 0; number < 100; number += 1) await keepIdTokenHint(sessionOf(number));
    expect(keys.size).toBe(8);
    expect(await readIdTokenHint(withoutIdToken(99))).toBe('id-token-99');
    // A session that lost its place gets no hint of another one.
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, at) => readIdTokenHint(withoutIdToken(at))),
    );
    for (const [at, hint] of found.entries()) expect([null, `id-token-${at}`]).toContain(hint);
  });

  it('is left out when it is too long for an address', async () => {
    const long = sessionOf(1, 'x'.repeat(4_001));
    await keepIdTokenHint(long);
    expect(await readIdTokenHint(long)).toBeNull();
    expect(await readIdTokenHint(withoutIdToken(1))).toBeNull();
  });

  it('is removed with its session, and the hint of another one in the same place is not', async () => {
    await keepIdTokenHint(sessionOf(1));
    for (let number = 2; number < 40; number += 1) await removeIdTokenHint(withoutIdToken(number));
    expect(await readIdTokenHint(withoutIdToken(1))).toBe('id-token-1');
    await removeIdTokenHint(withoutIdToken(1));
    expect(await readIdTokenHint(withoutIdToken(1))).toBeNull();
  });

  it('SE-15: fails nothing while the store is away', async () => {
    store.goAway();
    await keepIdTokenHint(sessionOf(1));
    expect(await readIdTokenHint(withoutIdToken(1))).toBeNull();
  });
});
