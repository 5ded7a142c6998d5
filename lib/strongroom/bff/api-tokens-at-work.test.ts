/** The tokens of several APIs that do not fit a cookie, and one that takes bound tokens alone. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { maxCookieChars } from '../session/cookies';
import { guardPage } from '../sign-in/guard-page';
import { type ApisAtWork, call, ok, openPage, startApisAtWork, visitRefresh } from '../testing/apis-at-work';
import { createTestJar } from '../testing/cookie-jar';
import { json } from '../testing/http-server';
import { pageRequest } from '../testing/page-request';
import { readSession } from '../testing/read-session';
import { holdCookies } from '../testing/request-cookies';
import { offerMetadata } from '../testing/server-metadata';
import { noonSec } from '../testing/sessions';
import { apiNames, audiences, rotateStrictly, type StrictServer } from '../testing/three-apis';
import { type Caller, runAs } from './caller';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));
vi.mock('react', () => import('../testing/page-render'));

let world: ApisAtWork;
beforeAll(async () => {
  world = await startApisAtWork();
});
afterAll(() => world.close());
beforeEach(() => {
  world.restart();
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: noonSec * 1000 });
});
afterEach(() => {
  expect(world.listMisdirected()).toEqual([]);
  vi.useRealTimers();
});

const redirects = (target: string) => ({ digest: expect.stringContaining(target) });

describe('CK-11: the tokens of three APIs that do not fit a cookie together', () => {
  let strict: StrictServer;

  /** Signs in, and uses each API from a page. */
  async function visitAll(chars: number): Promise<void> {
    strict = rotateStrictly(world.server);
    const { onTokenRequest } = world.server;
    world.server.onTokenRequest = ({ respond, ...request }) =>
      onTokenRequest?.({
        ...request,
        respond: (body, ...more) => {
          const { access_token, ...rest } = body as { access_token: string };
          respond({ ...rest, access_token: `${access_token}#${'a'.repeat(chars)}` }, ...more);
        },
      });
    await world.signIn({ accessToken: `access-token-1#${'a'.repeat(chars)}` });
    await visitRefresh('api=calendar');
    await visitRefresh('api=files');
    await pageOfAll();
  }

  async function pageOfAll(): Promise<void> {
    await openPage();
    for (const name of apiNames) expect(await call(name)).toEqual(ok);
    const chars = [...world.jar.cookies].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(chars).toBeLessThan(maxCookieChars);
  }

  it.each([2_500, 10_000])(
    'CK-11: go to the store (%i characters each): pages have all of them, before and after they expire',
    async (chars) => {
      await visitAll(chars);
      vi.setSystemTime((noonSec + 301) * 1000);
      const guarded = await guardPage(pageRequest('/dashboard'), world.jar);
      expect(guarded).toMatchObject({ kind: 'continue', loaded: { kind: 'active' } });
      await pageOfAll();
      expect(world.server.tokenRequests.map(({ form }) => form.get('resource'))).toEqual([
        audiences.calendar,
        audiences.files,
        audiences.main,
        audiences.calendar,
        audiences.files,
      ]);
      for (const name of apiNames) expect(new Set(world.arrived[name]).size).toBe(2);
    },
  );

  it('CK-11: serve a late request whose cookie still has the first token alone', async () => {
    await world.signIn();
    const late = createTestJar(world.jar.cookies);
    const { id } = (await readSession(late)) ?? {};
    await visitAll(2_500);
    world.jar = holdCookies(late);
    for (const name of ['calendar', 'files']) await visitRefresh(`api=${name}`);
    await pageOfAll();
    expect([(await readSession(world.jar))?.id, strict.reused(), strict.sent.length]).toEqual([id, 0, 2]);
  });
});

describe('CA-08: an API that takes bound tokens alone, and a session with bearer tokens', () => {
  const dpopOnly = json({}, 401, { 'www-authenticate': 'DPoP algs="ES256"' });
  beforeEach(() => world.respondWith('main', dpopOnly));

  /** All APIs take bound tokens by now, and so does the world.server, or not. */
  function offerProofs(algorithms: string[]): void {
    offerMetadata(world.server, {}, { dpop_signing_alg_values_supported: algorithms });
    for (const name of apiNames) world.apis[name].handlers['/'] = dpopOnly;
  }

  it('CA-08: leads a page to the sign-in, with the reason, and the session goes on until then', async () => {
    offerProofs(['ES256']);
    await world.signIn();
    await openPage();
    await expect(call('main')).rejects.toMatchObject(redirects('/sign-in?reason=dpop_required'));
    expect((await readSession(world.jar))?.tokens.accessToken).toBe('access-token-1');
    expect(world.server.tokenRequests).toEqual([]);
  });

  it('CA-08: has an action ask to sign in', async () => {
    offerProofs(['ES256']);
    const caller: Caller = { jar: createTestJar(), session: await world.signIn() };
    const asked = runAs(caller, () => call('main'));
    await expect(asked).rejects.toMatchObject({ name: 'LoginRequiredError', reason: 'dpop_required' });
  });

  it.each([[[]], [['RS256']]])(
    'CA-08: is not available where the server takes proofs with %j: signing in again would not help',
    async (algorithms) => {
      offerProofs(algorithms);
      await world.signIn();
      await openPage();
      expect(await call('main')).toEqual({ kind: 'unavailable', reason: 'dpop_required' });
    },
  );
});
