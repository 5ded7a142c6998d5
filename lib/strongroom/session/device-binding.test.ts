import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runInRequest } from '../base/current-request';
import { onEvent } from '../base/events';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { forgetProcessSingletons, useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { writeBoundCookie } from './bound-cookie';
import { bindSession } from './device-binding';
import { inspectSession, loadSession } from './load-session';
import type { Session } from './session';
import { removeSession, writeSession } from './session-cookie';

const session = buildSession({ endsAtSec: noonSec + 7_200, lastSeenAtSec: noonSec });
const binding = { boundAtSec: noonSec, copiedAtSec: null };
let store: WatchedStore;

beforeEach(() => useProcess());
afterEach(() => void vi.useRealTimers());

function useProcess(env: Record<string, string> = {}): void {
  useEnvironment({ SESSION_IDLE_MINUTES: '60', ...env });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
}

const at = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);

async function signIn(changes: Partial<Session> = {}): Promise<TestJar> {
  const jar = createTestJar();
  await writeSession(jar, { ...session, ...changes });
  return jar;
}

const kindOf = async (jar: TestJar) => (await loadSession(jar)).kind;
const rejected = { kind: 'unproven', reason: 'device_not_proven' };

describe('a session that is bound', () => {
  it('SE-19: needs the bound cookie from half a minute after the registration on, and until that expires', async () => {
    const jar = await signIn({ binding });
    const bare = createTestJar(jar.cookies);
    writeBoundCookie(jar, session.id);
    at(29);
    expect([await kindOf(jar), await kindOf(bare)]).toEqual(['active', 'active']);
    at(30);
    expect([await kindOf(jar), await kindOf(bare)]).toEqual(['active', 'unproven']);
    at(299);
    expect(await kindOf(jar)).toBe('active');
    at(300);
    expect(await loadSession(jar)).toMatchObject({ ...rejected, fault: 'bound_cookie_expired' });
  });

  it('SE-19: is bound in copies of its cookie from before, as long as the store has it', async () => {
    const early = await signIn();
    expect(await bindSession(session)).toBe(true);
    expect(await bindSession(session)).toBe(false);
    at(30);
    expect(await loadSession(early)).toMatchObject({ ...rejected, fault: 'bound_cookie_missing' });
  });

  it('SE-19: stays bound by its seal after the store lost everything, and while it is away', async () => {
    const jar = await signIn({ binding });
    at(60);
    forgetProcessSingletons();
    useProcess();
    at(60);
    expect(await loadSession(jar)).toMatchObject(rejected);
    store.goAway();
    expect(await loadSession(jar)).toMatchObject(rejected);
    writeBoundCookie(jar, session.id);
    expect(await kindOf(jar)).toBe('active');
    useProcess({ REVOCATION_CHECK: 'closed' });
    store.goAway();
    at(60);
    expect(await kindOf(jar)).toBe('indeterminate');
  });

  it('SE-19: waits when the browser could not renew it because we were away, and nobody is told of a copy', async () => {
    const jar = await signIn({ binding });
    at(60);
    const lines: string[] = [];
    onEvent(({ event }) => lines.push(event));
    const missed = { requestId: 'one', arrivedAtSec: noonSec + 60, hasMissedRenewal: true };
    expect(await runInRequest(missed, () => kindOf(jar))).toBe('indeterminate');
    expect(lines).not.toContain('device_rejected');
    writeBoundCookie(jar, session.id);
    expect(await runInRequest(missed, () => kindOf(jar))).toBe('active');
  });

  it('SE-19: costs no trip to the store beyond that for revocations', async () => {
    const jar = await signIn({ binding });
    writeBoundCookie(jar, session.id);
    store.calls.length = 0;
    await loadSession(jar);
    expect(store.calls).toHaveLength(1);
  });

  it('SE-19: a form that began to arrive in time counts, however long it takes', async () => {
    const jar = await signIn({ binding });
    writeBoundCookie(jar, session.id);
    at(400);
    const requestId = 'request-1';
    const loaded = (arrivedAtSec: number) =>
      runInRequest({ requestId, arrivedAtSec }, () => inspectSession(jar));
    expect((await loaded(noonSec + 299)).kind).toBe('active');
    expect((await loaded(noonSec + 300)).kind).toBe('unproven');
  });

  it('SE-19: a copy that was tried is told to its owner, and logged once', async () => {
    const told: unknown[] = [];
    onEvent(({ event, fields }) => event === 'device_rejected' && told.push(fields.reason));
    const jar = await signIn({ binding });
    const copy = createTestJar(jar.cookies);
    writeBoundCookie(jar, session.id);
    at(60);
    for (const _ of [1, 2, 3]) await loadSession(copy);
    expect(told).toEqual(['bound_cookie_missing']);
    at(90);
    expect(await loadSession(jar)).toMatchObject({
      kind: 'active',
      session: { binding: { boundAtSec: noonSec, copiedAtSec: noonSec + 60 } },
    });
  });

  it('SE-19: asking for the state of a copy tells nothing to its owner', async () => {
    const jar = await signIn({ binding });
    at(60);
    expect((await inspectSession(jar)).kind).toBe('unproven');
    expect(store.calls.filter((call) => call.startsWith('claim'))).toEqual([]);
  });

  it('SE-04, SE-19: signing out removes its cookies', async () => {
    const jar = await signIn({ binding });
    writeBoundCookie(jar, session.id);
    removeSession(jar);
    expect([...jar.cookies.keys()]).toEqual([]);
  });
});

describe('the bound cookie', () => {
  it('SE-19: ends in the browser before it ends here, and has an end where other cookies have none', () => {
    useProcess({ SESSION_ENDS_WITH_BROWSER: 'yes' });
    const jar = createTestJar();
    writeBoundCookie(jar, session.id);
    expect(jar.writes).toEqual([
      expect.objectContaining({
        name: '__Host-strongroom-bound-session-',
        options: { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 270 },
      }),
    ]);
  });
});

describe('SESSION_BINDING', () => {
  const env = { SESSION_BINDING: 'require' };

  it('SE-19: require rejects a session that is not bound a minute after its sign-in', async () => {
    useProcess(env);
    const jar = await signIn();
    at(59);
    expect(await kindOf(jar)).toBe('active');
    at(60);
    expect(await loadSession(jar)).toMatchObject({ kind: 'unproven', reason: 'device_required' });
    expect(store.calls.filter((call) => call.startsWith('claim'))).toEqual([]);
  });

  it('SE-19: require lets go on what registered in time', async () => {
    useProcess(env);
    const jar = await signIn();
    await bindSession(session);
    writeBoundCookie(jar, session.id);
    at(60);
    expect(await kindOf(jar)).toBe('active');
  });

  it('SE-19: off lets bound sessions go on like any other, and offer asks again', async () => {
    useProcess({ SESSION_BINDING: 'off' });
    const jar = await signIn({ binding });
    at(60);
    expect(await loadSession(jar)).toMatchObject({ kind: 'active', session: { binding: null } });
    useProcess();
    at(60);
    expect(await kindOf(jar)).toBe('unproven');
  });

  it('SE-19: binds nothing over http', async () => {
    useProcess({ AUTH_URL: 'http://localhost:3000', SESSION_BINDING: 'offer' });
    const jar = await signIn({ binding });
    at(60);
    expect(await kindOf(jar)).toBe('active');
  });
});
