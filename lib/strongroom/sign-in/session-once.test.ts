/**
 * One request, one load of its session: what stands before a page loads it, and the page or action of the same
 * request takes it over.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runInRequest } from '../base/current-request';
import { loadSession } from '../session/load-session';
import { revokeSession } from '../session/revocations';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { pageRequest } from '../testing/page-request';
import { buildSession, noonSec } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { admitPage } from './admit-page';

const session = buildSession();
let store: WatchedStore;
let jar: TestJar;
beforeEach(async () => {
  useEnvironment({ SESSION_IDLE_MINUTES: '60' });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
  jar = createTestJar();
  await writeSession(jar, session);
});
afterEach(() => void vi.useRealTimers());

const own = { origin: 'https://app.example', 'sec-fetch-site': 'same-origin' };
const pass = (method: 'GET' | 'POST' = 'GET', path = '/dashboard') =>
  admitPage(pageRequest(path, { method, headers: own }), jar);
/** The work of one request. */
const inRequest = <T>(requestId: string, work: () => Promise<T>) =>
  runInRequest({ requestId, arrivedAtSec: 0 }, work);

describe('a page view', () => {
  it('SE-15: costs one trip to the store, before the page and in it together', () =>
    inRequest('one', async () => {
      await pass();
      expect(await loadSession(jar)).toEqual({ kind: 'active', session });
      expect(store.calls).toHaveLength(1);
    }));

  it('SE-04: takes over what was loaded once; a second load asks the store again', () =>
    inRequest('one', async () => {
      await pass();
      await loadSession(jar);
      await revokeSession(session);
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked' });
    }));

  it('SE-04: that asks more than ten seconds later loads the session again', () =>
    inRequest('one', async () => {
      await pass();
      await revokeSession(session);
      vi.advanceTimersByTime(10_000);
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked' });
    }));

  it('loads the session by itself when nothing stands before it, in a request and outside of one', async () => {
    expect(await inRequest('one', () => loadSession(jar))).toEqual({ kind: 'active', session });
    expect(await loadSession(jar)).toEqual({ kind: 'active', session });
  });

  it('SE-11: of a public page is handed nothing', () =>
    inRequest('one', async () => {
      await pass('GET', '/');
      expect(await loadSession(createTestJar())).toEqual({ kind: 'absent' });
    }));
});

describe('another request', () => {
  it('SE-11: is never handed the session, at the same time and under the same id neither', async () => {
    const passed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const first = inRequest('same-id', async () => {
      await pass();
      passed.resolve();
      await asked.promise;
      return loadSession(createTestJar());
    });
    await passed.promise;
    expect(await inRequest('same-id', () => loadSession(createTestJar()))).toEqual({ kind: 'absent' });
    asked.resolve();
    expect(await first).toEqual({ kind: 'active', session });
  });

  it('SE-11: outside of any, what was loaded is kept for none', async () => {
    await pass();
    expect(await loadSession(createTestJar())).toEqual({ kind: 'absent' });
  });
});

describe('a form whose body is slow', () => {
  it('SE-04: finds its session revoked when the user signed out before its last byte arrived', () =>
    inRequest('one', async () => {
      await pass('POST');
      await revokeSession(session);
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'signed_out_elsewhere' });
    }));
});

describe('a form with a rejected session', () => {
  it('SE-04: goes on to its action, which takes over why the session was rejected', () =>
    inRequest('one', async () => {
      await revokeSession(session);
      await pass('POST');
      store.goAway();
      expect(await loadSession(jar)).toMatchObject({ kind: 'revoked', reason: 'signed_out_elsewhere' });
    }));
});
