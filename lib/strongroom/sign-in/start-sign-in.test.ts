import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindCode } from '../oauth/dpop';
import type { CookieOptions } from '../session/cookie-jar';
import { readTransaction } from '../session/sign-in-transaction';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { startSignIn } from './start-sign-in';

const jar = createTestJar();
/** next-auth writes its checks here, and they are moved out at once. */
vi.mock('next/headers', () => ({
  headers: async () => new Headers(),
  cookies: async () => ({
    set: (name: string, value: string, options: CookieOptions) => jar.write(name, value, options),
  }),
}));

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  offerMetadata(server);
});

const environment = () => ({ AUTH_ISSUER: server.origin, API_BASE_URL: server.origin });

async function start() {
  const wanted = { returnTo: '/notes', permission: null, stepUp: null, session: null };
  const { searchParams } = await startSignIn(jar, wanted);
  return { searchParams, transaction: await readTransaction(jar, searchParams.get('state')) };
}

describe('the authorization request', () => {
  it('CA-04, CA-07: binds the code to a key of its own, of which it has the thumbprint alone', async () => {
    useEnvironment({ ...environment(), AUTH_DPOP: 'always' });
    const [one, two] = [await start(), await start()];
    for (const { searchParams, transaction } of [one, two]) {
      const key = transaction?.dpopKey;
      if (!key) throw new Error('no key');
      expect(searchParams.get('dpop_jkt')).toBe((await bindCode(key)).dpop_jkt);
      expect(searchParams.toString()).not.toContain(key);
    }
    expect(one.transaction?.dpopKey).not.toEqual(two.transaction?.dpopKey);
  });

  it.each(['never', 'auto'])('has no key with AUTH_DPOP=%s where no server offers DPoP', async (choice) => {
    useEnvironment({ ...environment(), AUTH_DPOP: choice });
    const { searchParams, transaction } = await start();
    expect([searchParams.has('dpop_jkt'), transaction?.dpopKey]).toEqual([false, null]);
  });
});
