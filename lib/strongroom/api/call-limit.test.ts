import { afterEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { buildSession } from '../testing/sessions';
import { maxCallsAtOnce, maxCallsOfOneSession } from './call-limit';
import { sendApiRequest } from './send-request';

afterEach(() => void vi.unstubAllGlobals());

/** An API that answers when the test says so. */
function holdApi() {
  const waiting: { answer(): void; fail(): void }[] = [];
  vi.stubGlobal('fetch', () => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    waiting.push({ answer: () => resolve(Response.json({})), fail: () => reject(new TypeError('broken')) });
    return promise;
  });
  return waiting;
}

let people = 0;
/** Each by somebody else. */
const call = (id = `session-${++people}`) =>
  sendApiRequest(buildSession({ id }), { method: 'POST', path: '/messages', json: {} });

describe('an API that stalls', () => {
  it('RC-15: has a bounded number of calls waiting; the next one is told at once, and sends nothing', async () => {
    useEnvironment();
    const waiting = holdApi();
    const calls = Array.from({ length: maxCallsAtOnce }, () => call());
    expect(await call()).toEqual({ kind: 'no_response', reason: 'too_many_calls' });
    expect(waiting).toHaveLength(maxCallsAtOnce);
    for (const { answer } of waiting) answer();
    for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ kind: 'response' });
  });

  it('RC-15: one session takes some of the places, and leaves the others to other people', async () => {
    useEnvironment();
    const waiting = holdApi();
    const calls = Array.from({ length: maxCallsOfOneSession }, () => call('session-a'));
    expect(await call('session-a')).toEqual({ kind: 'no_response', reason: 'too_many_calls' });
    const other = call('session-b');
    expect(waiting).toHaveLength(maxCallsOfOneSession + 1);
    for (const { answer } of waiting) answer();
    await Promise.all([...calls, other]);
    const again = call('session-a');
    waiting.at(-1)?.answer();
    expect(await again).toMatchObject({ kind: 'response' });
  });

  it.each(['answer', 'fail'] as const)(
    'RC-15: a call whose end is an %s makes room for another',
    async (end) => {
      useEnvironment();
      const waiting = holdApi();
      const calls = Array.from({ length: maxCallsAtOnce }, () => call());
      waiting[0]?.[end]();
      await calls[0];
      const next = call();
      expect(waiting).toHaveLength(maxCallsAtOnce + 1);
      for (const { answer } of waiting) answer();
      expect(await next).toMatchObject({ kind: 'response' });
      await Promise.all(calls);
    },
  );
});
