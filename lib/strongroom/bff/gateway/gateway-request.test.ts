/** Who asks, with which session: what the flow tests cannot hold still, the time and the store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../../server/client-address';
import { readLastSeen } from '../../session/last-seen';
import { readSession } from '../../session/load-session';
import { writeSession } from '../../session/session-cookie';
import { createTestJar, type TestJar } from '../../testing/cookie-jar';
import { useEnvironment } from '../../testing/environment';
import { json, startTestServer, type TestServer } from '../../testing/http-server';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { watchStore } from '../../testing/watched-store';
import { answerGatewayRequest } from './gateway-request';

const jars = vi.hoisted(() => ({ current: null as unknown }));
vi.mock('../../session/next-cookies', () => ({ requestCookies: async () => jars.current }));

let api: TestServer;
let server: TokenEndpoint;
let jar: TestJar;
const session = buildSession({ lastSeenAtSec: noonSec - 600 });

beforeAll(async () => {
  [api, server] = await Promise.all([startTestServer(), startTokenEndpoint()]);
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin });
  api.reset();
  server.restart();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
  jars.current = jar;
  await writeSession(jar, session);
  api.answers['/contacts'] = json({ items: [] });
});
afterEach(() => void vi.useRealTimers());

const own = { 'x-strongroom': '1', 'sec-fetch-site': 'same-origin' };
const ask = (headers: Record<string, string> = {}) => {
  const through = { [clientAddressHeader()]: '192.0.2.1' };
  const init = { headers: { ...own, ...through, ...headers } };
  return answerGatewayRequest(new Request('https://app.example/api/gateway/contacts', init));
};

describe('a script that asks', () => {
  it('SE-03: counts as use by the user', async () => {
    expect((await ask()).status).toBe(200);
    expect(await readLastSeen(jar, session)).toBe(noonSec);
  });

  it('HO-04: a request that did not pass the server guard gets 503, and no API call', async () => {
    const response = await answerGatewayRequest(
      new Request('https://app.example/api/gateway/contacts', { headers: own }),
    );
    expect([response.status, api.requests.length]).toEqual([503, 0]);
  });

  it('RL-01: more than ten times the usual in a minute is too many, and the session stays', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin, RATE_LIMIT_PER_MINUTE: '10' });
    await writeSession(jar, session);
    const statuses: number[] = [];
    for (let step = 0; step < 101; step += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([...Array<number>(100).fill(200), 429]);
    expect((await ask()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readSession(jar)).not.toBeNull();
  });

  it('RF-07: gets 503 while no new token is to be had, and stays signed in', async () => {
    await writeSession(jar, { ...session, tokens: buildTokens({ expiresAtSec: noonSec - 1 }) });
    server.answer = ({ respond }) => respond({}, 503);
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'temporarily_unavailable' },
    ]);
    expect(api.requests).toEqual([]);
    expect(await readSession(jar)).not.toBeNull();
  });

  it('PX-10: gets 503 while nobody can tell whether the session holds', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: api.origin, REVOCATION_CHECK: 'closed' });
    watchStore().goAway();
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'temporarily_unavailable' },
    ]);
    expect(api.requests).toEqual([]);
  });
});
