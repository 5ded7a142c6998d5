import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentStore } from '../store/current-store';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { storeUnavailable, type WatchedStore, watchStore } from '../testing/watched-store';
import { seal } from './seal';
import type { TokenSet } from './session';
import { readTokens, removeTokens, storeTokens } from './token-store';

const { id } = buildSession();
const otherId = 'session-of-grace-01234';
let store: WatchedStore;

beforeEach(() => {
  useEnvironment();
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const keep = (tokens: TokenSet, of = id) => storeTokens(buildSession({ id: of, tokens }));
const read = (of = id) => readTokens(of, 3_600);
const obtainedAt = (sec: number) =>
  buildTokens({ accessToken: `access-at-${sec}`, obtainedAtSec: noonSec + sec });

describe('tokens in the store', () => {
  it('are read back by the id of their session, and by no other', async () => {
    await keep(buildTokens());
    expect(await read()).toEqual(buildTokens());
    expect(await read(otherId)).toBeNull();
  });

  it('are not overwritten by the older ones of a late request', async () => {
    await keep(obtainedAt(100));
    await keep(obtainedAt(99));
    expect(await read()).toEqual(obtainedAt(100));
    await keep(obtainedAt(101));
    expect(await read()).toEqual(obtainedAt(101));
  });

  it('are read back however long they are, and without an ID token that is too long to be a hint', async () => {
    const [accessToken, refreshToken] = ['a'.repeat(64_000), 'r'.repeat(64_000)];
    const [times, apiTokens] = [{ expiresAtSec: 2, obtainedAtSec: 1 }, {} as TokenSet['apiTokens']];
    for (const name of 'abcdefgh') apiTokens[name] = { accessToken: name.repeat(64_000), ...times };
    await keep(buildTokens({ accessToken, refreshToken, apiTokens, idToken: 'i'.repeat(100_000) }));
    expect(await read()).toEqual(buildTokens({ accessToken, refreshToken, apiTokens, idToken: null }));
    const idToken = 'i'.repeat(4_000);
    await keep(buildTokens({ idToken }));
    expect((await read())?.idToken).toBe(idToken);
  });

  it('of the same second are overwritten by the last ones', async () => {
    await keep(obtainedAt(0));
    await keep(buildTokens({ accessToken: 'later', obtainedAtSec: noonSec }));
    expect((await read())?.accessToken).toBe('later');
  });

  it('CK-06: of another session, put under this one’s key, are not read', async () => {
    await keep(buildTokens({ accessToken: 'access-of-grace' }), otherId);
    await currentStore().set(`tokens:${id}`, (await currentStore().get(`tokens:${otherId}`)) ?? '', 60_000);
    expect(await read()).toBeNull();
  });

  it.each<[string, () => Promise<string>]>([
    ['sealed for another purpose', () => seal('session', { id, tokens: buildTokens() }, 3_600)],
    ['of another shape', () => seal('token_store', { id, tokens: { accessToken: 'a' } }, 3_600)],
    ['without an id', () => seal('token_store', { tokens: buildTokens() }, 3_600)],
    ['never sealed', async () => JSON.stringify({ id, tokens: buildTokens() })],
  ])('CK-05: %s are no tokens', async (_name, write) => {
    await currentStore().set(`tokens:${id}`, await write(), 60_000);
    expect(await read()).toBeNull();
  });

  it('LK-06: cannot be read in the store', async () => {
    await keep(buildTokens({ accessToken: 'canary-of-ada' }));
    const text = (await currentStore().get(`tokens:${id}`)) ?? '';
    expect(text).toMatch(/^Fe26/);
    for (const part of text.split(/[*~]/)) {
      expect(part).not.toContain('canary');
      expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('canary');
    }
  });

  it('SE-04: cannot be read after they were deleted', async () => {
    await keep(buildTokens());
    await removeTokens(id);
    expect(await read()).toBeNull();
  });

  it('SE-02: expire with their session', async () => {
    await keep(buildTokens());
    vi.advanceTimersByTime(3_599_000);
    expect(await read()).toEqual(buildTokens());
    vi.advanceTimersByTime(1_000);
    expect(await currentStore().get(`tokens:${id}`)).toBeNull();
  });

  it('SE-15: are an error, not absent, while the store does not respond', async () => {
    store.goAway();
    await expect(keep(buildTokens())).rejects.toEqual(storeUnavailable());
    await expect(read()).rejects.toEqual(storeUnavailable());
  });
});
