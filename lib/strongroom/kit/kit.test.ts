import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getConfig } from '../config/config';
import { loadSession } from '../session/load-session';
import { createTestJar } from '../testing/cookie-jar';
import { testDeclaration } from '../testing/declaration';
import { forgetProcessSingletons, useEnvironment } from '../testing/environment';
import { type FakeApi, startFakeApi } from './fake-api';
import { signedInCookies } from './signed-in-cookies';
import { startTestApp } from './test-app';
import { testEnvironment } from './test-environment';

const declaration = {
  ...testDeclaration,
  apis: {
    main: { baseUrl: 'API_BASE_URL' },
    ledger: { baseUrl: 'LEDGER_URL', audience: 'LEDGER_AUDIENCE', scopes: ['read:messages'] },
  },
  claims: ['department'],
  roles: { claim: 'groups', names: ['admin'] },
};
const apiUrls = { main: 'http://127.0.0.1:1', ledger: 'http://127.0.0.1:2' };

function useTest(changes: Record<string, string> = {}): void {
  const env = testEnvironment(declaration, { appUrl: 'http://localhost:3100', apiUrls });
  forgetProcessSingletons();
  for (const [name, value] of Object.entries({ ...env, ...changes })) process.env[name] = value;
}
beforeEach(() => useTest());
afterEach(() => {
  vi.unstubAllEnvs();
  for (const name of ['LEDGER_URL', 'LEDGER_AUDIENCE']) delete process.env[name];
  useEnvironment();
});

const jarOf = async (...user: Parameters<typeof signedInCookies>) =>
  createTestJar((await signedInCookies(...user)).map(({ name, value }) => [name, value]));
async function sessionOf(user: Parameters<typeof signedInCookies>[1]) {
  const loaded = await loadSession(await jarOf(declaration, user));
  if (loaded.kind !== 'active') throw new Error(loaded.kind);
  return loaded.session;
}

describe('signedInCookies', () => {
  it('makes the session that was asked for, sealed as the application seals its own', async () => {
    const [cookie, ...more] = await signedInCookies(declaration, { name: 'Ada' });
    expect(more).toEqual([]);
    expect(cookie).toMatchObject({ name: getConfig().cookieName, domain: 'localhost', httpOnly: true });
    const session = await sessionOf({
      ...{ subject: 'ada', name: 'Ada', email: 'ada@example.test', roles: ['admin'] },
      ...{ claims: { department: ['Engines'] }, permissions: ['read:contacts'] },
    });
    expect(session).toMatchObject({
      ...{ user: { subject: 'ada', name: 'Ada' }, roles: ['admin'], claims: { department: ['Engines'] } },
      tokens: { scopes: ['openid', 'profile', 'email', 'read:contacts'] },
    });
  });

  it('gives a token for each API, but for those that are left out', async () => {
    const all = (await sessionOf({})).tokens;
    expect(all.apiTokens.ledger?.accessToken).toMatch(/^strongroom-test\./);
    expect((await sessionOf({ apis: [] })).tokens.apiTokens.ledger?.accessToken).toBeNull();
  });

  it('makes a session that has ended', async () => {
    const loaded = await loadSession(await jarOf(declaration, { expiresInSec: -1 }));
    expect(loaded).toMatchObject({ kind: 'expired', reason: 'lifetime' });
  });

  it('opens in no application with another secret', async () => {
    const jar = await jarOf(declaration, {});
    useTest();
    expect(await loadSession(jar)).toMatchObject({ kind: 'unreadable' });
  });

  it.each([
    [{ permissions: ['admin'] }, 'no admin among its permissions'],
    [{ roles: ['root'] }, 'no root among its roles'],
    [{ claims: { salary: '1' } }, 'no salary among its claims'],
    [{ apis: ['other'] as never[] }, 'no other among its apis'],
    [{ claims: { department: 'x'.repeat(6_000) } }, 'does not fit a cookie'],
  ])('rejects what the application would not have (%#)', async (user, problem) => {
    await expect(signedInCookies(declaration, user)).rejects.toThrow(problem);
  });

  it('OP-01: names what is wrong with the environment', async () => {
    useTest({ AUTH_SECRET: 'short' });
    await expect(signedInCookies(declaration)).rejects.toThrow('The environment of the test: AUTH_SECRET');
  });
});

describe('the kit for tests', () => {
  const uses: [string, () => Promise<unknown>][] = [
    ['signedInCookies', () => signedInCookies(declaration)],
    ['startFakeApi', () => startFakeApi('main')],
    ['startTestApp', () => startTestApp(declaration)],
    ['testEnvironment', async () => testEnvironment(declaration, { appUrl: 'http://localhost', apiUrls })],
  ];

  it.each(uses)('%s does nothing in production', async (_name, use) => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(use()).rejects.toThrow('does nothing where NODE_ENV is production');
  });

  it.each(['https://app.example', 'http://localhost.example', 'http://10.0.0.1', ''])(
    'makes no session for an application elsewhere: %s',
    async (appUrl) => {
      useTest({ AUTH_URL: appUrl });
      await expect(signedInCookies(declaration)).rejects.toThrow('on this machine alone');
    },
  );

  it('wants the address of each API', () => {
    const make = () =>
      testEnvironment(declaration, { appUrl: 'http://localhost', apiUrls: { main: apiUrls.main } });
    expect(make).toThrow('no address of the API ledger');
  });
});

describe('a fake API', () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await startFakeApi('ledger');
  });
  afterEach(() => api.close());

  const tokensOf = async () => (await sessionOf({ subject: 'ada', permissions: ['read:messages'] })).tokens;
  const ask = (token: string | null | undefined, path: string, init: RequestInit = {}) =>
    fetch(api.url + path, { ...init, headers: { authorization: `Bearer ${token}` } });

  it('replies as the test says, and records whose request it was', async () => {
    const { apiTokens } = await tokensOf();
    const token = apiTokens.ledger?.accessToken;
    api.on('GET /entries/:id', ({ params, query }) => ({ id: params.id, page: query.get('page') }));
    api.on('POST /entries', ({ body }) => Response.json(JSON.parse(body), { status: 201 }));
    expect(await (await ask(token, '/entries/a%20b?page=2')).json()).toEqual({ id: 'a b', page: '2' });
    const created = await ask(token, '/entries', { method: 'POST', body: '{"a":1}' });
    expect([created.status, await created.json()]).toEqual([201, { a: 1 }]);
    expect((await ask(token, '/entries')).status).toBe(404);
    expect(api.requests).toMatchObject([
      { method: 'GET', path: '/entries/a%20b', subject: 'ada' },
      { method: 'POST', body: '{"a":1}', permissions: expect.arrayContaining(['read:messages']) },
      { method: 'GET', path: '/entries', params: {} },
    ]);
    api.reset();
    expect(api.requests).toEqual([]);
    expect((await ask(token, '/entries/1')).status).toBe(404);
  });

  it('takes no request without a token for it', async () => {
    const { accessToken } = await tokensOf();
    api.on('GET /entries', []);
    for (const token of [accessToken, 'strongroom-test.', 'strongroom-test.e30', '', 'x']) {
      const { status, headers } = await ask(token, '/entries');
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    }
    expect([api.requests, api.rejected]).toEqual([[], 5]);
  });
});
