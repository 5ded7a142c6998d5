import { NextRequest } from 'next/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { signInEndpoint } from './sign-in-endpoint';
import type { SignInRequest } from './start-sign-in';

const state = vi.hoisted(() => ({ jar: null as unknown, started: [] as unknown[] }));
vi.mock('../session/next-cookies', () => ({ requestCookies: async () => state.jar }));
vi.mock('./start-sign-in', () => ({
  startSignIn: async (_jar: unknown, wanted: SignInRequest) => {
    state.started.push(wanted);
    return new URL('https://issuer.example/authorize');
  },
}));

const origin = 'https://app.example';
beforeEach(() => {
  useEnvironment({ AUTH_LINK_PARAMS: 'connection' });
  state.jar = createTestJar();
  state.started.length = 0;
});

/** @returns where a browser that sends no fetch metadata and no referrer is led */
async function open(target: string, headers: Record<string, string> = {}): Promise<string> {
  const all = { ...headers, [clientAddressHeader()]: '192.0.2.1' };
  const response = await signInEndpoint.GET(new NextRequest(new URL(target, origin), { headers: all }));
  expect(response.status).toBe(303);
  return response.headers.get('location') ?? '';
}

it('AZ-06: without fetch metadata and referrer, the first click is asked about and the second one starts', async () => {
  const query = 'return_to=%2Fnotes&permission=write%3Anotes&connection=google';
  const asked = new URL(await open(`/auth/sign-in?${query}`));
  expect([asked.pathname, state.started]).toEqual(['/sign-in', []]);
  expect(await open(`/auth/sign-in${asked.search}`)).toBe('https://issuer.example/authorize');
  const wanted = { returnTo: '/notes', permission: 'write:notes', parameters: { connection: 'google' } };
  expect(state.started).toEqual([expect.objectContaining(wanted)]);
});

it.each([
  ['another', 'another'],
  ['new', 'new'],
  ['constructor', null],
])('a link of ours with account=%s starts a sign-in for the account %s', async (chosen, account) => {
  await open(`/auth/sign-in?account=${chosen}`, { 'sec-fetch-site': 'same-origin' });
  expect(state.started).toEqual([expect.objectContaining({ account })]);
});

it('AZ-06: a confirmation that this browser was not given starts nothing without headers, and asks for no permission with them', async () => {
  await open('/auth/sign-in');
  const forged = `/auth/sign-in?permission=write%3Anotes&confirm=${'A'.repeat(22)}`;
  expect(new URL(await open(forged)).pathname).toBe('/sign-in');
  expect(state.started).toEqual([]);
  await open(forged, { 'sec-fetch-site': 'same-origin' });
  expect(state.started).toEqual([expect.objectContaining({ permission: null })]);
});

it.each(['GET', 'POST'])(
  'AZ-18: a sign-in that starts at our server is asked about, by %s',
  async (method) => {
    const iss = 'https://issuer.example';
    const fields = { iss, login_hint: 'ada@example.test', target_link_uri: `${origin}/notes?page=2` };
    const query = new URLSearchParams(fields);
    const location =
      method === 'GET'
        ? await open(`/auth/sign-in?${query}`, { 'sec-fetch-site': 'cross-site' })
        : (
            await signInEndpoint.POST(
              new NextRequest(`${origin}/auth/sign-in`, { method, body: query.toString() }),
            )
          ).headers.get('location');
    const page = new URL(location ?? '');
    expect([page.pathname, Object.fromEntries(page.searchParams)]).toEqual([
      '/sign-in',
      { iss, login_hint: 'ada@example.test', return_to: '/notes?page=2' },
    ]);
  },
);

it.each([
  [{ iss: 'https://evil.example' }, false],
  [{ target_link_uri: 'https://evil.example/notes' }, true],
  [{ target_link_uri: `${origin}/auth/sign-out` }, true],
])('AZ-18: with %j it leads to the usual page', async (wrong, hasHint) => {
  const fields = { iss: 'https://issuer.example', login_hint: 'a', target_link_uri: `${origin}/notes` };
  const query = new URLSearchParams({ ...fields, ...wrong });
  const page = new URL(await open(`/auth/sign-in?${query}`, { 'sec-fetch-site': 'cross-site' }));
  expect([page.searchParams.get('return_to'), page.searchParams.has('login_hint')]).toEqual([null, hasHint]);
});
