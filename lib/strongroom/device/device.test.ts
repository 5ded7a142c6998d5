import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindSession } from '../session/device-binding';
import { inspectUnproven } from '../session/load-session';
import { revokeSession } from '../session/revocations';
import type { Session } from '../session/session';
import { openSessionCookie, writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, noonSec } from '../testing/sessions';
import { type Device, makeDevice, registrationProof } from '../testing/test-device';
import { type WatchedStore, watchStore } from '../testing/watched-store';
import { handleRegistration, offerRegistration } from './registration';
import { handleRenewal } from './renewal';

const session = buildSession({ endsAtSec: noonSec + 7_200 });
let store: WatchedStore;
let device: Device;

beforeEach(async () => {
  useProcess();
  device = await makeDevice();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function useProcess(env: Record<string, string> = {}): void {
  useEnvironment({ SESSION_IDLE_MINUTES: '60', ...env });
  store = watchStore();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
}

async function signIn(signedIn: Session = session): Promise<{ jar: TestJar; challenge: string }> {
  const jar = createTestJar();
  await writeSession(jar, signedIn);
  const response = new Response();
  offerRegistration(response, signedIn);
  const offer = response.headers.get('secure-session-registration') ?? '';
  return { jar, challenge: /challenge="([^"]+)"/.exec(offer)?.[1] ?? '' };
}

const challengeOf = (response: Response) =>
  /^"([^"]+)"/.exec(response.headers.get('secure-session-challenge') ?? '')?.[1] ?? '';

async function register(jar: TestJar, challenge: string) {
  const headers = new Headers({ 'secure-session-response': await registrationProof(device, challenge) });
  const response = await handleRegistration(jar, headers);
  const body = await response.json();
  return { response, body, id: String(body.session_identifier), challenge: challengeOf(response) };
}

async function renew(jar: TestJar, id: string, challenge: string | null) {
  const headers = new Headers({ 'sec-secure-session-id': id });
  if (challenge !== null) headers.set('secure-session-response', await device.sign({}, { jti: challenge }));
  const response = await handleRenewal(jar, headers);
  return { response, body: await response.json(), challenge: challengeOf(response) };
}

const boundCookies = (jar: TestJar) => [...jar.cookies.keys()].filter((name) => name.includes('-bound-'));

describe('registering', () => {
  it('SE-19: tells the browser which cookie to hold, where to renew it, and which requests wait', async () => {
    const { jar, challenge } = await signIn();
    const { body } = await register(jar, challenge);
    expect(body).toMatchObject({
      refresh_url: '/auth/device/refresh',
      allowed_refresh_initiators: ['*'],
      scope: {
        include_site: false,
        scope_specification: ['/_next/static', '/auth/device', '/healthz', '/readyz'].map((path) => ({
          type: 'exclude',
          domain: 'app.example',
          path,
        })),
      },
      credentials: [
        { type: 'cookie', name: boundCookies(jar)[0], attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' },
      ],
    });
  });

  it('SE-19: below a base path leaves other applications of the host alone', async () => {
    useProcess({ AUTH_URL: 'https://app.example/portal' });
    vi.stubEnv('BASE_PATH', '/portal');
    const { jar, challenge } = await signIn();
    const { body } = await register(jar, challenge);
    expect(body.refresh_url).toBe('/portal/auth/device/refresh');
    expect(body.scope.scope_specification.slice(0, 3)).toEqual([
      { type: 'exclude', domain: 'app.example', path: '/' },
      { type: 'include', domain: 'app.example', path: '/portal' },
      { type: 'exclude', domain: 'app.example', path: '/portal/_next/static' },
    ]);
  });

  it.each([
    ['off', { SESSION_BINDING: 'off' }],
    ['offered over http', { AUTH_URL: 'http://localhost:3000' }],
  ])('SE-19: is not offered where binding is %s', async (_, env) => {
    useProcess(env);
    expect((await signIn()).challenge).toBe('');
  });

  it('SE-19, SE-15: binds nothing while the store is away, and says that it may pass', async () => {
    const { jar, challenge } = await signIn();
    store.goAway();
    expect((await register(jar, challenge)).response.status).toBe(503);
    store.comeBack();
    expect(boundCookies(jar)).toEqual([]);
    expect(await inspectUnproven(jar)).toMatchObject({ kind: 'active', session: { binding: null } });
  });
});

describe('renewing', () => {
  it('SE-19: the challenge sent ahead saves a round trip; without one the browser gets it first', async () => {
    const { jar, challenge } = await signIn();
    const { id, challenge: ahead } = await register(jar, challenge);
    expect((await renew(jar, id, ahead)).response.status).toBe(200);
    const asked = await renew(jar, id, null);
    expect(asked.response.status).toBe(403);
    expect((await renew(jar, id, asked.challenge)).response.status).toBe(200);
  });

  it('SE-19: seals once that the session is bound', async () => {
    const { jar, challenge } = await signIn();
    let { id, challenge: next } = await register(jar, challenge);
    const sealed = async () => {
      const cookie = await openSessionCookie(jar);
      return cookie?.kind === 'opened' ? cookie.value.binding : undefined;
    };
    expect(await sealed()).toBeNull();
    next = (await renew(jar, id, next)).challenge;
    expect(await sealed()).toEqual({ boundAtSec: noonSec, copiedAtSec: null });
    const before = jar.writes.length;
    await renew(jar, id, next);
    expect(jar.writes.slice(before).map(({ name }) => name)).toEqual(boundCookies(jar));
  });

  it('SE-19: binds again what the store forgot, sealed or not, and gives older copies no new grace', async () => {
    const { jar, challenge } = await signIn();
    const { id, challenge: next } = await register(jar, challenge);
    const bound = { session: { binding: { boundAtSec: noonSec - 30 } } };
    useProcess();
    const { challenge: last } = await renew(jar, id, next);
    expect(await bindSession(session)).toBe(false);
    expect(await inspectUnproven(jar)).toMatchObject(bound);
    useProcess();
    await renew(jar, id, last);
    expect(await bindSession(session)).toBe(false);
  });

  it('SE-19: does not put the cookie of a replaced session in the place of the newer one', async () => {
    const { jar, challenge } = await signIn();
    const { id, challenge: next } = await register(jar, challenge);
    await revokeSession(session, 'replaced');
    const before = jar.writes.length;
    const { body } = await renew(jar, id, next);
    expect(body).toEqual({ session_identifier: id, continue: false });
    expect(jar.writes.slice(before)).toEqual([]);
  });

  it('SE-19: of the session before, in a browser that signed in again, ends that one alone', async () => {
    const { jar, challenge } = await signIn();
    const { id, challenge: next } = await register(jar, challenge);
    await writeSession(jar, { ...session, id: 'session-next-0123456789' });
    expect((await renew(jar, id, next)).body).toEqual({ session_identifier: id, continue: false });
  });

  it('SE-19: with SESSION_BINDING=off ends the binding in the browser', async () => {
    const { jar, challenge } = await signIn();
    const { id, challenge: next } = await register(jar, challenge);
    useProcess({ SESSION_BINDING: 'off' });
    expect((await renew(jar, id, next)).body).toEqual({ session_identifier: id, continue: false });
  });

  it.each([
    ['open', 200],
    ['closed', 503],
  ])(
    'SE-15, SE-19: while Redis is away and REVOCATION_CHECK is %s, the response is %i',
    async (check, status) => {
      useProcess({ REVOCATION_CHECK: check });
      const { jar, challenge } = await signIn();
      const { id, challenge: next } = await register(jar, challenge);
      store.goAway();
      for (const browser of [jar, createTestJar()]) {
        const asked = await renew(browser, id, null);
        if (status === 503) expect(asked.response.status).toBe(503);
        expect((await renew(browser, id, asked.challenge || next)).response.status).toBe(status);
      }
      // What was signed once is not good again, with a store or without.
      if (status === 200) expect((await renew(jar, id, next)).response.status).toBe(200);
      if (status === 200) expect((await renew(jar, id, next)).body).toEqual({ error: 'challenge_consumed' });
    },
  );

  it('RL-01, SE-19: beyond the rate limit the response is 503: 429 would end the session in the browser', async () => {
    useProcess({ RATE_LIMIT_PER_MINUTE: '10' });
    const { jar, challenge } = await signIn();
    const { id } = await register(jar, challenge);
    const statuses: number[] = [];
    for (let count = 0; count < 101; count += 1) statuses.push((await renew(jar, id, null)).response.status);
    expect([...new Set(statuses)]).toEqual([403, 503]);
  });
});
