/** Several APIs hang on one rotating refresh token: their refreshes are one queue. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeSession } from '../../session/revocations';
import { budget } from '../../testing/fuzz-budget';
import { createInstances } from '../../testing/instances';
import { type RefreshQueue, startRefreshQueue, tokenOf } from '../../testing/refresh-queue';
import { noonSec } from '../../testing/sessions';
import { apiNames, audiences, declareThreeApis } from '../../testing/three-apis';

let queue: RefreshQueue;
beforeAll(async () => {
  queue = await startRefreshQueue();
});
afterAll(() => queue.server.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
  queue.restart();
});
afterEach(() => void vi.useRealTimers());

describe('RF-03: requests for several APIs with one expired cookie', () => {
  it('RF-03: send each refresh token once, one after the other, and every request gets the token of its API', async () => {
    const callers = Array.from({ length: 60 }, (_, number) => apiNames[number % 3] ?? 'main');
    const results = await Promise.all(
      callers.map(async (name) => [name, await queue.refreshedTokens(name)] as const),
    );
    for (const [name, tokens] of results) expect(tokenOf(tokens, name)).toContain(`${audiences[name]}#`);
    expect(queue.strict.sent.map(({ refreshToken }) => refreshToken)).toEqual([
      'refresh-1',
      'refresh-2',
      'refresh-3',
    ]);
    expect(queue.strict.reused()).toBe(0);
  });

  it('AZ-10: of which the scopes alone say the API have those of one, also for the first', async () => {
    declareThreeApis({ AUTH_ISSUER: queue.server.origin, AUTH_AUDIENCE_AS: 'scope' });
    for (const name of apiNames) await queue.refreshedTokens(name);
    const forms = queue.server.tokenRequests.map(({ form }) => Object.fromEntries(form));
    expect(forms.map(({ resource, audience, scope }) => [resource, audience, scope])).toEqual([
      [undefined, undefined, 'openid profile email offline_access read:contacts'],
      [undefined, undefined, 'read:events'],
      [undefined, undefined, 'read:files write:files'],
    ]);
  });

  it('RF-05: name one API, with its scopes, and the first as ever', async () => {
    for (const name of apiNames) await queue.refreshedTokens(name);
    const forms = queue.server.tokenRequests.map(({ form }) => Object.fromEntries(form));
    expect(forms.map(({ resource, audience, scope }) => [resource, audience, scope])).toEqual([
      [audiences.main, audiences.main, undefined],
      [audiences.calendar, audiences.calendar, 'read:events'],
      [audiences.files, audiences.files, 'read:files write:files'],
    ]);
  });

  it('RF-04: a late request for another API follows the chain, and sends its newest refresh token once', async () => {
    const old = queue.sessionOf();
    await queue.refreshedTokens('main', old);
    await queue.refreshedTokens('main', queue.sessionOf({ refreshToken: 'refresh-2' }));
    const tokens = await queue.refreshedTokens('files', old);
    expect(queue.strict.sent.at(-1)).toEqual({ refreshToken: 'refresh-3', audience: audiences.files });
    expect(tokenOf(tokens, 'main')).toBe(`${audiences.main}#2`);
    expect([tokens.refreshToken, queue.strict.reused()]).toEqual(['refresh-4', 0]);
  });

  it('RF-04: a late request for the first API gets the newest refresh token, and overwrites no newer one', async () => {
    const old = queue.sessionOf();
    for (const name of apiNames) await queue.refreshedTokens(name, old);
    const tokens = await queue.refreshedTokens('main', old);
    expect(tokens).toMatchObject({ refreshToken: 'refresh-4', refreshes: 3 });
    expect(queue.strict.sent).toHaveLength(3);
  });

  it('RF-03: any interleaving at two instances sends each refresh token at most once', async () => {
    const name = fc.constantFrom(...apiNames);
    const caller = fc.record({ name, isThere: fc.boolean(), delay: fc.nat(30) });
    const callers = fc.array(caller, { minLength: 2, maxLength: 12 });
    const waits = fc.infiniteStream(fc.nat(4));
    await fc.assert(
      fc.asyncProperty(callers, callers, waits, async (first, late, wait) => {
        queue.restart();
        const [here, there] = createInstances(2);
        queue.store.before = () => passLoops(wait.next().value ?? 0);
        const old = queue.sessionOf();
        const ask = async (asked: (typeof first)[number]) => {
          await passLoops(asked.delay);
          const instance = asked.isThere ? there : here;
          const tokens = await instance?.(() => queue.refreshedTokens(asked.name, old));
          expect(tokens === undefined ? '' : tokenOf(tokens, asked.name)).toContain(audiences[asked.name]);
        };
        await Promise.all(first.map(ask));
        await Promise.all(late.map(ask));
        const apis = new Set([...first, ...late].map((asked) => asked.name));
        expect([queue.strict.sent.length, queue.strict.reused()]).toEqual([apis.size, 0]);
      }),
      budget(20),
    );
  }, 300_000);

  it('RF-03: a server that does not rotate: no refresh undoes that of another API', async () => {
    queue.server.onTokenRequest = ({ form, respond }) =>
      respond({ access_token: `${form.get('resource')}#`, token_type: 'Bearer', expires_in: 300 });
    const [here, there] = createInstances(2);
    await Promise.all(
      [here, there].flatMap((at) => apiNames.map((name) => at?.(() => queue.refreshedTokens(name)))),
    );
    const tokens = await queue.refreshedTokens('files');
    for (const name of apiNames) expect(tokenOf(tokens, name)).toBe(`${audiences[name]}#`);
    expect(queue.server.tokenRequests).toHaveLength(3);
  });

  it('RF-13: a sign-out while requests wait in the queue wins for all of them', async () => {
    queue.server.onTokenRequest = null;
    const session = queue.sessionOf();
    const waiting = apiNames.map((name) => queue.refresh(name, session));
    const request = await queue.server.arrival();
    await revokeSession(session, 'signed_out_everywhere');
    request.respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' });
    const end = { kind: 'login_required', reason: 'signed_out_everywhere' };
    expect(await Promise.all(waiting)).toEqual([end, end, end]);
    expect(queue.server.tokenRequests).toHaveLength(1);
  });
});

/** Lets the event loop go round so often. */
async function passLoops(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1)
    await new Promise<void>((resolve) => void setImmediate(resolve));
}
