import { NextRequest } from 'next/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { refreshEndpoint } from './refresh-endpoint';

const jars = vi.hoisted(() => ({ current: null as unknown }));
vi.mock('../session/next-cookies', () => ({ requestCookies: async () => jars.current }));

beforeEach(async () => {
  useEnvironment({ REVOCATION_CHECK: 'closed' });
  const jar = createTestJar();
  jars.current = jar;
  await writeSession(
    jar,
    buildSession({ startedAtMs: nowSec() * 1000, lastSeenAtSec: nowSec(), endsAtSec: nowSec() + 3_600 }),
  );
});

it('SE-15: while the session cannot be checked, the problem page says so and leads back', async () => {
  watchStore().goAway();
  const headers = { 'sec-fetch-site': 'same-origin', [clientAddressHeader()]: '192.0.2.1' };
  const url = 'https://app.example/auth/refresh?return_to=%2Fnotes&rejected=x';
  const response = await refreshEndpoint.GET(new NextRequest(url, { headers }));
  const target = new URL(response.headers.get('location') ?? '', 'https://app.example');
  expect([response.status, target.searchParams.get('code'), target.searchParams.get('return_to')]).toEqual([
    303,
    'store_unavailable',
    '/notes',
  ]);
});
