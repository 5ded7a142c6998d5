import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type PendingAction,
  type PendingActionContent,
  readPendingAction,
  writePendingAction,
} from '../session/pending-action';
import { pseudonymOf } from '../session/user-pseudonym';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import type { CallResult } from './call-api';
import { LoginRequiredError, runAs } from './caller';
import { pendingActions, runPendingAction } from './pending-actions';

let jar: TestJar;
/** What the runner was called with, and what the API says to it. */
let ran: unknown[];
let result: CallResult<unknown>;
beforeEach(() => {
  useEnvironment();
  jar = createTestJar();
  ran = [];
  result = { kind: 'ok', value: null };
});

const runners = {
  delete_message: async (input: object) => {
    ran.push(input);
    return result;
  },
};
const session = buildSession();
const owner = () => pseudonymOf(session.user);
const deletion: PendingActionContent = { name: 'delete_message', input: { messageId: '7' } };
const wait = (action: PendingActionContent = deletion, state: PendingAction['state'] = 'waiting') =>
  writePendingAction(jar, { owner: owner(), action, requirement: null, state });
const stateNow = async () => (await readPendingAction(jar, owner()))?.state;
const run = (id: string, { from = jar, as = session } = {}) =>
  runPendingAction({ jar: from, session: as }, id, runners);
/** Within an action of the user. */
const within = <T>(work: () => Promise<T>) => runAs({ jar, session }, work);

describe('SE-18: an action that waited for its user', () => {
  it('SE-18: runs once, and its result takes its place', async () => {
    const { id } = await wait();
    await run(id);
    await run(id);
    expect([ran, await stateNow()]).toEqual([[{ messageId: '7' }], 'done']);
  });

  it('SE-18: runs once when the same callback is delivered twenty times at once', async () => {
    const { id } = await wait();
    await Promise.all(Array.from({ length: 20 }, () => run(id, { from: createTestJar(jar.cookies) })));
    // One that comes when the others are through.
    await run(id, { from: createTestJar(jar.cookies) });
    expect(ran).toHaveLength(1);
  });

  it('SE-18: does not run for another user, under another id, or without a cookie', async () => {
    const { id } = await wait();
    await run(id, { as: buildSession({ user: { ...session.user, subject: 'user-2' } }) });
    await run('another-id');
    await run(id, { from: createTestJar() });
    expect([ran, await stateNow()]).toEqual([[], 'waiting']);
  });

  it.each<PendingAction['state']>(['done', 'denied', 'gone'])(
    'SE-18: does not run again after its result (%s)',
    async (state) => {
      const { id } = await wait(deletion, state);
      await run(id);
      expect([ran, await stateNow()]).toEqual([[], state]);
    },
  );

  it.each<[string, CallResult<unknown>, PendingAction['state']]>([
    ['was gone', { kind: 'not_found' }, 'gone'],
    ['was denied', { kind: 'access_denied' }, 'denied'],
    ['lacked a permission', { kind: 'insufficient_scope', scope: 'write:messages' }, 'denied'],
    [
      'RC-06: was asked for once more',
      { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 0, acrValues: [] } },
      'denied',
    ],
    ['was one too many', { kind: 'rate_limited', retryAfterSec: 5 }, 'unavailable'],
    ['met a server in trouble', { kind: 'unavailable', reason: 'status_503' }, 'unavailable'],
  ])('SE-18: one that %s says so', async (_what, outcome, state) => {
    result = outcome;
    const { id } = await wait();
    await run(id);
    expect(await stateNow()).toBe(state);
  });

  it('SE-18: may be tried again after the API was unavailable', async () => {
    result = { kind: 'unavailable', reason: 'status_503' };
    const { id } = await wait();
    await run(id);
    result = { kind: 'ok', value: null };
    await within(() => pendingActions.run(id, runners));
    expect([ran.length, await stateNow()]).toEqual([2, 'done']);
  });

  it('SE-18: goes on waiting when the session is rejected again', async () => {
    const { id } = await wait();
    vi.spyOn(runners, 'delete_message').mockRejectedValueOnce(new LoginRequiredError('invalid_grant'));
    await run(id);
    expect(await stateNow()).toBe('waiting');
  });

  it('throws when the mount has no runner for it', async () => {
    const { id } = await wait({ name: 'post_message', input: {} });
    await expect(run(id)).rejects.toMatchObject({ reason: 'pending_action_without_runner' });
  });
});

describe('keeping an action', () => {
  const requirement = { maxAgeSec: 300, acrValues: [] };

  it('SE-18: it waits with the requirement of the API, and leads to a sign-in that is bound to it', async () => {
    await within(() =>
      pendingActions.keep(deletion, { kind: 'insufficient_user_authentication', requirement }),
    );
    const pending = await within(() => pendingActions.read());
    expect(pending).toMatchObject({ ...deletion, state: 'waiting' });
    const address = await within(async () => pending?.signInPath('/confirm'));
    expect(address).toMatch(/^\/auth\/sign-in\?return_to=%2Fconfirm&step_up=Fe26/);
  });

  it('keeps the result when no sign-in helps, and offers no sign-in', async () => {
    await within(() => pendingActions.keep(deletion, { kind: 'access_denied' }));
    const pending = await within(() => pendingActions.read());
    expect([pending?.state, await within(async () => pending?.signInPath('/confirm'))]).toEqual([
      'denied',
      null,
    ]);
  });

  it('rejects a name that is not declared, and shows no action of that name', async () => {
    const kept = within(() => pendingActions.keep({ name: 'pay', input: {} }, { kind: 'access_denied' }));
    await expect(kept).rejects.toMatchObject({ reason: 'pending_action_not_declared' });
    await wait({ name: 'pay', input: {} });
    expect(await within(() => pendingActions.read())).toBeNull();
  });

  it('works within actions and routes only', async () => {
    await expect(pendingActions.keep(deletion, { kind: 'access_denied' })).rejects.toThrow('userAction');
    await within(() => pendingActions.keep(deletion, { kind: 'access_denied' }));
    await within(() => pendingActions.remove());
    expect(jar.cookies.size).toBe(0);
  });
});
