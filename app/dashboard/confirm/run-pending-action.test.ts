/** app/dashboard/confirm/run-pending-action.ts: tested here because the tests of the application are those of lib. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nameMessage } from '@/lib/api/messages';
import { readDraft, writeDraft } from '@/lib/strongroom/session/draft';
import {
  type PendingAction,
  type PendingActionContent,
  readPendingAction,
  writePendingAction,
} from '@/lib/strongroom/session/pending-action';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { createTestJar, type TestJar } from '@/lib/strongroom/testing/cookie-jar';
import { useEnvironment } from '@/lib/strongroom/testing/environment';
import { type Answer, json, startTestServer, type TestServer } from '@/lib/strongroom/testing/http-server';
import { buildSession, noonSec } from '@/lib/strongroom/testing/sessions';
import { runPendingAction } from './run-pending-action';

let api: TestServer;
let jar: TestJar;
beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(() => {
  useEnvironment({ API_BASE_URL: api.origin });
  api.reset();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
});
afterEach(() => void vi.useRealTimers());

const session = buildSession();
const owner = () => pseudonymOf(session.user);
const deletion: PendingActionContent = { name: 'delete_message', input: { messageId: '7' } };
const wait = (action: PendingActionContent = deletion, state: PendingAction['state'] = 'waiting') =>
  writePendingAction(jar, { owner: owner(), action, requirement: null, state });
const stateNow = async () => (await readPendingAction(jar, owner()))?.state;
const deleted: Answer = (_request, response) => response.writeHead(204).end();

describe('SE-18: an action that waited for its person', () => {
  it('SE-18: is carried on once, and what came of it takes its place', async () => {
    api.answers['/messages/7'] = deleted;
    const { id } = await wait();
    await runPendingAction(jar, session, id);
    await runPendingAction(jar, session, id);
    expect(api.requests).toEqual(['DELETE /messages/7']);
    expect(await stateNow()).toBe('done');
  });

  it('SE-18: the same callback delivered twenty times at once is one deed', async () => {
    api.answers['/messages/7'] = deleted;
    const { id } = await wait();
    await Promise.all(
      Array.from({ length: 20 }, () => runPendingAction(createTestJar(jar.cookies), session, id)),
    );
    // One that comes when the others are through.
    await runPendingAction(createTestJar(jar.cookies), session, id);
    expect(api.requests).toHaveLength(1);
  });

  it('SE-18: somebody else’s, another one, or none at all is not carried on', async () => {
    const { id } = await wait();
    const grace = buildSession({ user: { ...session.user, subject: 'user-2' } });
    await runPendingAction(jar, grace, id);
    await runPendingAction(jar, session, 'another-id');
    await runPendingAction(createTestJar(), session, id);
    expect(api.requests).toEqual([]);
    expect(await stateNow()).toBe('waiting');
  });

  it.each<PendingAction['state']>(['done', 'denied', 'gone'])(
    'SE-18: what came to an end (%s) stays',
    async (state) => {
      const { id } = await wait(deletion, state);
      await runPendingAction(jar, session, id);
      expect(api.requests).toEqual([]);
      expect(await stateNow()).toBe(state);
    },
  );

  const insufficient = {
    'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="0"',
  };
  it.each<[string, Answer, PendingAction['state']]>([
    ['was gone', json({}, 404), 'gone'],
    ['was denied', json({}, 403), 'denied'],
    ['RC-06: was asked for once more', json({}, 401, insufficient), 'denied'],
    ['met a server in trouble', json({}, 503), 'unavailable'],
  ])('SE-18: one that %s says so', async (_what, answer, state) => {
    api.answers['/messages/7'] = answer;
    const { id } = await wait();
    await runPendingAction(jar, session, id);
    expect(await stateNow()).toBe(state);
  });

  it('SE-18: one that met a server in trouble may be tried again', async () => {
    api.answers['/messages/7'] = json({}, 503);
    const { id } = await wait();
    await runPendingAction(jar, session, id);
    api.answers['/messages/7'] = deleted;
    await runPendingAction(jar, session, id);
    expect(await stateNow()).toBe('done');
  });

  it('SE-18: a message that waited is posted from its draft, which is gone then', async () => {
    const message = {
      id: '1',
      author: { name: 'Ada' },
      text: 'Hello',
      created_at: '2026-03-12T12:00:00Z',
      mine: true,
    };
    let posted: unknown = null;
    api.answers['/messages'] = (request, response, body) => {
      posted = JSON.parse(body);
      return json(message, 201)(request, response, body);
    };
    await writeDraft(jar, { owner: owner(), text: ' Hello ', key: 'k' });
    const { id } = await wait({
      name: 'post_message',
      input: { message: nameMessage({ key: 'k', text: ' Hello ' }) },
    });
    await runPendingAction(jar, session, id);
    expect([posted, await stateNow()]).toEqual([{ text: 'Hello' }, 'done']);
    expect(await readDraft(jar, owner())).toBeNull();
  });

  it('SE-18: without its draft there is nothing to post', async () => {
    const { id } = await wait({ name: 'post_message', input: { message: 'x' } });
    await runPendingAction(jar, session, id);
    expect([api.requests, await stateNow()]).toEqual([[], 'gone']);
  });

  it('SE-18: another text that took its place meanwhile is not posted, and stays', async () => {
    const { id } = await wait({
      name: 'post_message',
      input: { message: nameMessage({ key: 'k', text: 'The one that was confirmed' }) },
    });
    await writeDraft(jar, { owner: owner(), text: 'Another one', key: 'k' });
    await runPendingAction(jar, session, id);
    expect([api.requests, await stateNow()]).toEqual([[], 'gone']);
    expect((await readDraft(jar, owner()))?.text).toBe('Another one');
  });
});
