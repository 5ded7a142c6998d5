import { NextRequest } from 'next/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { holdCookies } from '../testing/request-cookies';
import { buildSession } from '../testing/sessions';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { statusEndpoint } from './status-endpoint';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));

let jar: TestJar;
let store: WatchedStore;
beforeEach(async () => {
  useEnvironment({ REVOCATION_CHECK: 'closed' });
  store = watchStore();
  jar = holdCookies(createTestJar());
  const [startedAtMs, lastSeenAtSec] = [nowSec() * 1000, nowSec()];
  await writeSession(jar, buildSession({ startedAtMs, lastSeenAtSec, endsAtSec: nowSec() + 3_600 }));
});

const ofOurPage = { 'sec-fetch-site': 'same-origin' };
async function ask(headers: Record<string, string> = ofOurPage): Promise<number> {
  return (await statusEndpoint.GET(new NextRequest('https://app.example/auth/status', { headers }))).status;
}

it('SE-07: is 204 with a session and 401 without', async () => {
  expect(await ask()).toBe(204);
  jar.cookies.clear();
  expect(await ask()).toBe(401);
});

it('SE-15: is 503 while the store is away, and says neither that the session goes on nor that it is over', async () => {
  store.goAway();
  expect(await ask()).toBe(503);
  store.comeBack();
  expect(await ask()).toBe(204);
});

it('SE-15: is 204 while the store is away where REVOCATION_CHECK=open lets sessions go on', async () => {
  useEnvironment({ REVOCATION_CHECK: 'open' });
  watchStore().goAway();
  expect(await ask()).toBe(204);
});

it.each([
  ['a prefetch', 503, { ...ofOurPage, 'sec-purpose': 'prefetch' }],
  ['a page of another site', 403, { 'sec-fetch-site': 'cross-site' }],
])('CS-07: tells %s nothing', async (_who, status, headers) => {
  expect(await ask(headers)).toBe(status);
  jar.cookies.clear();
  expect(await ask(headers)).toBe(status);
});
