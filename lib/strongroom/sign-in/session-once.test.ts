/**
 * One request, one load of its session: Next's proxy loads it, and the page or action of the same request
 * takes it over.
 */
import { NextRequest } from 'next/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCookieJar } from '../session/cookie-jar';
import { loadSession } from '../session/load-session';
import { revokeSession } from '../session/revocations';
import { writeSession } from '../session/session-cookie';
import { handOverSession, readHandoverId } from '../session/session-handover';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { guardPage } from './guard-page';

const session = buildSession();
let store: WatchedStore;
let jar: TestJar;
beforeEach(async () => {
  useEnvironment({ SESSION_IDLE_MINUTES: '60' });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
  await writeSession(jar, session);
});
afterEach(() => void vi.useRealTimers());

/** What the proxy does before a page, up to the headers that the page receives. */
async function passProxy(
  method: 'GET' | 'POST' = 'GET',
  sent: Record<string, string> = {},
): Promise<Headers> {
  const own = { origin: 'https://app.example', 'sec-fetch-site': 'same-origin', ...sent };
  const request = new NextRequest('https://app.example/dashboard', { method, headers: own });
  const verdict = await guardPage(request, jar);
  const headers = new Headers(request.headers);
  if (verdict.kind === 'continue') handOverSession(headers, verdict.loaded);
  return headers;
}

/** The cookies as a page of the same request reads them. */
const jarOf = (headers: Headers) => createCookieJar(jar, readHandoverId(headers));

describe('a page view', () => {
  it('SE-15: costs one trip to the store, in the proxy and in the page together', async () => {
    const headers = await passProxy();
    expect(await loadSession(jarOf(headers))).toEqual({ kind: 'active', session });
    expect(store.calls).toHaveLength(1);
  });

  it('SE-04: takes over what the proxy loaded once; a second load asks the store again', async () => {
    const headers = await passProxy();
    await loadSession(jarOf(headers));
    await revokeSession(session);
    expect(await loadSession(jarOf(headers))).toMatchObject({ kind: 'revoked' });
  });

  it('loads the session by itself when the proxy did not run', async () => {
    expect(await loadSession(jarOf(new Headers()))).toEqual({ kind: 'active', session });
  });
});

describe('a browser', () => {
  it('SE-11: cannot choose an id: the proxy replaces the header, under whatever name', async () => {
    const [name = ''] = [...(await passProxy()).keys()].filter((one) => one.startsWith('x-session-'));
    expect(name).toMatch(/^x-session-[0-9a-f]{32}$/);
    const taken = readHandoverId(await passProxy()) ?? '';
    const headers = await passProxy('GET', { [name]: taken });
    expect(headers.get(name)).not.toBe(taken);
    expect(headers.get(name)).toMatch(/^[\w-]{22}$/);
  });

  it('SE-11: gets no session for an id that is unknown', async () => {
    const empty = createCookieJar(createTestJar(), 'an-id-of-its-own');
    expect(await loadSession(empty)).toEqual({ kind: 'absent' });
  });

  it('SE-11: cannot send an id to a public page: the header is removed', () => {
    const headers = new Headers();
    handOverSession(headers, { kind: 'active', session });
    handOverSession(headers, null);
    expect(readHandoverId(headers)).toBeNull();
  });
});

describe('a form whose body is slow', () => {
  it('SE-04: finds its session revoked when the user signed out before its last byte arrived', async () => {
    const headers = await passProxy('POST');
    await revokeSession(session);
    expect(await loadSession(jarOf(headers))).toMatchObject({
      kind: 'revoked',
      reason: 'signed_out_elsewhere',
    });
  });
});

describe('a form with a rejected session', () => {
  it('SE-04: goes on to its action, which takes over why the session was rejected', async () => {
    await revokeSession(session);
    const headers = await passProxy('POST');
    store.goAway();
    expect(await loadSession(jarOf(headers))).toMatchObject({
      kind: 'revoked',
      reason: 'signed_out_elsewhere',
    });
  });
});
