import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindCode } from '../oauth/dpop';
import type { CookieOptions } from '../session/cookie-jar';
import { readTransaction } from '../session/sign-in-transaction';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { audiences, declareThreeApis } from '../testing/three-apis';
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

describe('a server that says when a request is pushed that it does not know an audience', () => {
  const { main, calendar, files } = audiences;
  let pushed: URLSearchParams[];

  function serve(known: readonly string[]): void {
    pushed = [];
    declareThreeApis({ ...environment() });
    offerMetadata(server, { pushed_authorization_request_endpoint: '/par' });
    server.handlers['/par'] = (request, response, body) => {
      const form = new URLSearchParams(body);
      pushed.push(form);
      const isKnown = form.getAll('resource').every((one) => known.includes(one));
      const rejected = json({ error: 'invalid_target', error_description: 'unknown' }, 400);
      (isKnown ? json({ request_uri: 'urn:example:1' }, 201) : rejected)(request, response, body);
    };
  }

  const startPushed = () =>
    startSignIn(jar, { returnTo: '/notes', permission: null, stepUp: null, session: null });

  it.each<[string[], string[], number]>([
    [[main, calendar, files], [], 1],
    [[main, files], ['calendar'], 2],
    [[main, calendar], ['files'], 3],
    [[main], ['calendar', 'files'], 4],
  ])('AZ-10: of %j, gets a request without the API %j, with one state', async (known, leftOut, count) => {
    serve(known);
    expect((await startPushed()).searchParams.get('request_uri')).toBe('urn:example:1');
    expect(pushed).toHaveLength(count);
    expect(pushed.at(-1)?.getAll('resource')).toEqual(known);
    const states = new Set(pushed.map((form) => form.get('state')));
    expect(states.size).toBe(1);
    const transaction = await readTransaction(jar, [...states][0]);
    expect(transaction?.leftOut).toEqual(leftOut);
    // They count as granted: that API is unavailable, and no permission is to be asked for.
    expect(transaction?.scopes).toContain('read:events');
    const isAsked = pushed.at(-1)?.get('scope')?.split(' ').includes('read:events');
    expect(isAsked).toBe(!leftOut.includes('calendar'));
  });

  it('AZ-10: of the first API, ends the sign-in with its words', async () => {
    serve([calendar, files]);
    const { code, errorResponse } = await appErrorOf(startPushed);
    expect([code, errorResponse?.description]).toEqual(['invalid_target', 'unknown']);
    expect(pushed.at(-1)?.getAll('resource')).toEqual([main]);
  });

  it('AZ-10: a sign-in that was sent back begins with what was left out', async () => {
    serve([main, files]);
    const wanted = { returnTo: '/notes', permission: null, stepUp: null, session: null };
    await startSignIn(jar, { ...wanted, leftOut: ['calendar'] });
    expect(pushed.map((form) => form.getAll('resource'))).toEqual([[main, files]]);
  });
});
