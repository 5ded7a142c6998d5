import { NextRequest } from 'next/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { AppError } from '../base/errors';
import { clientAddressHeader } from '../server/client-address';
import { openOtherAccount } from '../session/other-account';
import { openStepUp } from '../session/step-up';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens } from '../testing/sessions';
import { buildTransaction } from '../testing/transactions';
import type { CallbackResult } from './callback';
import { callbackEndpoint } from './callback-endpoint';
import type { SignInRequest } from './start-sign-in';

const state = vi.hoisted(() => ({ jar: null as unknown, result: null as unknown, started: [] as unknown[] }));
vi.mock('../session/next-cookies', () => ({ requestCookies: async () => state.jar }));
vi.mock('./callback', () => ({ handleCallback: async () => state.result }));
vi.mock('./start-sign-in', () => ({
  startSignIn: async (_jar: unknown, wanted: SignInRequest) => {
    state.started.push(wanted);
    return new URL('https://issuer.example/authorize');
  },
}));

beforeEach(() => {
  useEnvironment();
  state.jar = createTestJar();
  state.started.length = 0;
});

/** @returns where the browser is led when the callback comes to `result` */
async function arrive(result: CallbackResult): Promise<URL> {
  state.result = result;
  const headers = { 'sec-fetch-site': 'cross-site', [clientAddressHeader()]: '192.0.2.1' };
  const request = new NextRequest('https://app.example/auth/callback/provider?code=a', { headers });
  const endpoint = callbackEndpoint(() => Promise.resolve());
  return new URL((await endpoint.GET(request)).headers.get('location') ?? '');
}

const owner = 'pseudonym-of-ada';
const stepUp = { requirement: { maxAgeSec: 300, acrValues: ['gold'] }, pendingId: 'pending-1' };

it('RC-06: a step-up that failed is tried again as the same step-up, for the same user alone', async () => {
  const transaction = buildTransaction({ owner, stepUp, returnTo: '/dashboard/confirm' });
  const page = await arrive({ kind: 'problem', error: new AppError('access_denied'), transaction });
  expect([page.pathname, page.searchParams.get('return_to')]).toEqual([
    '/sign-in/problem',
    '/dashboard/confirm',
  ]);
  const kept = page.searchParams.get('step_up');
  expect(await openStepUp(kept, owner)).toEqual({ owner, ...stepUp });
  expect(await openStepUp(kept, 'pseudonym-of-grace')).toBeNull();
});

it.each([
  ['an ordinary sign-in', buildTransaction()],
  ['one more permission', buildTransaction({ owner, permission: 'write:notes' })],
])('RC-06: %s is tried again without a step-up', async (_what, transaction) => {
  const page = await arrive({ kind: 'problem', error: new AppError('access_denied'), transaction });
  expect([page.searchParams.has('step_up'), page.searchParams.get('permission')]).toEqual([
    false,
    transaction.permission,
  ]);
});

it('CB-26: the page about another account keeps the step-up, and names the other one to the user who asked', async () => {
  const { user } = buildSession();
  const session = buildSession({ tokens: buildTokens({ refreshToken: null }) });
  const transaction = { ...buildTransaction({ stepUp }), owner };
  const { searchParams } = await arrive({ kind: 'another_account', owner, session, transaction });
  expect(await openStepUp(searchParams.get('step_up'), owner)).toMatchObject(stepUp);
  const named = searchParams.get('other_account');
  expect(await openOtherAccount(named, owner)).toMatchObject({ subject: user.subject });
  expect(await openOtherAccount(named, '')).toBeNull();
});

it.each(['another', 'new', null] as const)(
  'CB-10: the new request for one that the server sent back asks for the same, and once (account: %s)',
  async (account) => {
    const again = { isSecond: true, leftOut: ['calendar'] };
    const transaction = buildTransaction({ account, owner, stepUp, permission: 'write:notes', ...again });
    expect((await arrive({ kind: 'start_again', transaction })).host).toBe('issuer.example');
    const { returnTo, permission } = transaction;
    const asked = { account, stepUp, permission, returnTo, ...again };
    expect(state.started).toEqual([expect.objectContaining(asked)]);
  },
);
