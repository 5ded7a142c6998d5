import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpError } from '../base/http-exchange';
import { getApi } from '../config/config';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import { declareThreeApis, type TestApiName } from '../testing/three-apis';
import { maxCallsAtOnce, maxCallsOfOneUser } from './call-limit';
import { sendApiRequest } from './send-request';

/** An API that responds when the test says so. */
const waiting = vi.hoisted(() => [] as { respond(): void; fail(): void }[]);
vi.mock('../base/http-client', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/http-client')>()),
  sendForText: () => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const fail = () => reject(new HttpError('network'));
    waiting.push({ respond: () => resolve(Response.json({})), fail });
    return promise;
  },
}));
beforeEach(() => {
  useEnvironment();
  waiting.length = 0;
});

let users = 0;
let sessions = 0;
/** Each of a user of their own, and all in sessions of their own. */
const call = (subject = `user-${++users}`, name?: TestApiName) => {
  const session = { ...buildSession({ id: `session-${++sessions}` }), api: getApi(name) };
  const request = { method: 'POST', path: ['messages'], json: {} } as const;
  return sendApiRequest({ ...session, user: { ...session.user, subject } }, request);
};

describe('an API that stalls', () => {
  it('RC-15: has a bounded number of calls waiting; the next one fails at once and sends nothing', async () => {
    const calls = Array.from({ length: maxCallsAtOnce }, () => call());
    expect(await call()).toEqual({ kind: 'no_response', reason: 'call_limit_reached' });
    expect(waiting).toHaveLength(maxCallsAtOnce);
    for (const { respond } of waiting) respond();
    for (const response of await Promise.all(calls)) expect(response).toMatchObject({ kind: 'response' });
  });

  it('RC-15: one user may take some of the places, in however many sessions, and the others are left to other users', async () => {
    const calls = Array.from({ length: maxCallsOfOneUser }, () => call('user-a'));
    expect(await call('user-a')).toEqual({ kind: 'no_response', reason: 'call_limit_reached' });
    const other = call('user-b');
    expect(waiting).toHaveLength(maxCallsOfOneUser + 1);
    for (const { respond } of waiting) respond();
    await Promise.all([...calls, other]);
    const again = call('user-a');
    waiting.at(-1)?.respond();
    expect(await again).toMatchObject({ kind: 'response' });
  });

  it.each([
    ['one user', maxCallsOfOneUser, () => 'user-a'],
    ['all users', maxCallsAtOnce, (number: number) => `user-${number}`],
  ])('RC-15: takes no place of another API, with all places of %s taken', async (_who, places, userOf) => {
    declareThreeApis();
    const calls = Array.from({ length: places }, (_, number) => call(userOf(number), 'calendar'));
    expect(await call('user-a', 'calendar')).toMatchObject({ reason: 'call_limit_reached' });
    const others = [call('user-a'), call('user-a', 'files')];
    expect(waiting).toHaveLength(places + 2);
    for (const { respond } of waiting) respond();
    expect(await Promise.all([...calls, ...others])).toHaveLength(places + 2);
  });

  it.each(['respond', 'fail'] as const)(
    'RC-15: when a call ends (%s), the next one gets its place',
    async (end) => {
      const calls = Array.from({ length: maxCallsAtOnce }, () => call());
      waiting[0]?.[end]();
      await calls[0];
      const next = call();
      expect(waiting).toHaveLength(maxCallsAtOnce + 1);
      for (const { respond } of waiting) respond();
      expect(await next).toMatchObject({ kind: 'response' });
      await Promise.all(calls);
    },
  );
});
