import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeUserSessions } from '../session/revocations';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { pageRequest } from '../testing/page-request';
import { offerRevocation } from '../testing/revocation-endpoint';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { guardPage } from './guard-page';

let server: TokenEndpoint;
let store: WatchedStore;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => {
  useEnvironment({ AUTH_ISSUER: server.origin, SESSION_IDLE_MINUTES: '60', REVOCATION_CHECK: 'closed' });
  store = watchStore();
  server.restart();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

const at = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);
const longTokens = { expiresAtSec: noonSec + 24 * 3600 };

async function signIn(tokens: Partial<Session['tokens']> = longTokens): Promise<TestJar> {
  const jar = createTestJar();
  await writeSession(jar, buildSession({ endsAtSec: noonSec + 24 * 3600, tokens: buildTokens(tokens) }));
  return jar;
}

function ask(jar: TestJar, headers: Record<string, string> = {}, path = '/dashboard?page=2') {
  return guardPage(pageRequest(path, { headers }), jar);
}

const signInTarget = (reason: string) => ({
  kind: 'redirect',
  target: `/sign-in?return_to=%2Fdashboard%3Fpage%3D2${reason}`,
});

describe('SE-03: staying signed in', () => {
  it('SE-02: a user who opens a page every half hour stays signed in', async () => {
    const jar = await signIn();
    for (let sec = 1_800; sec < 6 * 3600; sec += 1_800) {
      at(sec);
      expect(await ask(jar)).toMatchObject({ kind: 'continue' });
    }
  });

  it.each([
    ['the browser’s prefetch', { 'sec-purpose': 'prefetch' }],
    ['a prerender', { 'sec-purpose': 'prefetch;prerender' }],
  ])('SE-03: %s does not keep the user signed in', async (_what, headers) => {
    const jar = await signIn();
    for (const sec of [1_800, 3_599]) {
      at(sec);
      expect(await ask(jar, headers)).toMatchObject({ kind: 'continue' });
    }
    at(3_600);
    expect(await ask(jar, headers)).toEqual({ kind: 'prefetch_not_served' });
    expect(await ask(jar)).toEqual(signInTarget('&reason=idle'));
    expect(jar.cookies.has('__Host-strongroom-last-seen')).toBe(false);
  });

  it('SE-02: a page whose tokens are refreshed counts as use, like any other page', async () => {
    const jar = await signIn({ expiresAtSec: noonSec + 600 });
    server.onTokenRequest = (request) =>
      request.respond({ access_token: 'access-2', token_type: 'Bearer', expires_in: 86_400 });
    at(3_000);
    await ask(jar);
    at(3_000 + 3_599);
    expect(await ask(jar)).toMatchObject({ kind: 'continue' });
  });
});

describe('a request without an active session', () => {
  it('is sent to sign in, and back to the page', async () => {
    expect(await ask(createTestJar())).toEqual(signInTarget(''));
    expect(await ask(createTestJar(), {}, '/')).toMatchObject({ kind: 'continue' });
  });

  it('CK-04: is sent there with an unreadable cookie too', async () => {
    expect(await ask(createTestJar([['__Host-strongroom', 'junk']]))).toEqual(
      signInTarget('&reason=unreadable'),
    );
  });

  it.each([
    ['in its cookie', {}],
    ['in the store', { accessToken: 'a'.repeat(12_000) }],
  ])(
    'BL-01, RF-19: of a session with tokens %s that was revoked from elsewhere has its grant revoked first',
    async (_where, tokens) => {
      const revoked = offerRevocation(server);
      const jar = await signIn({ ...longTokens, ...tokens });
      await revokeUserSessions(buildSession().user, noonSec * 1000, 'signed_out_everywhere');
      expect(await ask(jar)).toEqual(signInTarget('&reason=signed_out_everywhere'));
      await ask(jar);
      expect(revoked).toEqual(['refresh-token-1']);
    },
  );
});

describe('a page of another site', () => {
  const asked = (path: string, init: Parameters<typeof pageRequest>[1], jar: TestJar) =>
    guardPage(pageRequest(path, init), jar);

  it.each(['/', '/sign-in', '/dashboard', '/nowhere'])(
    'CS-05, CS-07: that frames or fetches %s is rejected alike, with a session and without',
    async (path) => {
      for (const site of ['cross-site', 'same-site'])
        for (const upstream of ['iframe', 'script', 'empty']) {
          const headers = { 'sec-fetch-site': site, 'sec-fetch-dest': upstream };
          expect(await asked(path, { headers }, await signIn())).toEqual({ kind: 'subresource' });
          expect(await asked(path, { headers }, createTestJar())).toEqual({ kind: 'subresource' });
        }
    },
  );

  it('CS-05: may link to our pages', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' };
    expect(await asked('/dashboard', { headers }, await signIn())).toMatchObject({ kind: 'continue' });
  });
});

describe('a request that gets no page', () => {
  it('RF-14: a prefetch with tokens that are due does not refresh, and gets no page', async () => {
    const jar = await signIn({ expiresAtSec: noonSec - 1 });
    expect(await ask(jar, { 'sec-purpose': 'prefetch' })).toEqual({ kind: 'prefetch_not_served' });
    expect(server.tokenRequests).toEqual([]);
  });

  it('RF-14: an expired session does not refresh', async () => {
    const jar = await signIn({ expiresAtSec: noonSec - 1 });
    at(24 * 3600);
    await ask(jar);
    expect(server.requests).toEqual([]);
  });

  it('SE-15: an indeterminate session gets no page, and keeps its cookies', async () => {
    const jar = await signIn();
    const cookies = new Map(jar.cookies);
    store.goAway();
    expect(await ask(jar)).toEqual({ kind: 'indeterminate', returnTo: '/dashboard?page=2' });
    expect(jar.cookies).toEqual(cookies);
  });

  it('SE-16: an unexpected error gets no page', async () => {
    const jar = await signIn();
    store.before = () => {
      throw new TypeError('undefined is not a function');
    };
    await expect(ask(jar)).rejects.toThrow(TypeError);
  });
});
