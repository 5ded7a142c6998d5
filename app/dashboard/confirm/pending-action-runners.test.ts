import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nameMessage } from '@/lib/api/messages';
import { nowSec } from '@/lib/strongroom/base/clock';
import { runAs } from '@/lib/strongroom/bff/caller';
import { readDraft, writeDraft } from '@/lib/strongroom/session/draft';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { createTestJar, type TestJar } from '@/lib/strongroom/testing/cookie-jar';
import { useEnvironment } from '@/lib/strongroom/testing/environment';
import { json, startTestServer, type TestServer } from '@/lib/strongroom/testing/http-server';
import { buildSession, buildTokens } from '@/lib/strongroom/testing/sessions';
import { pendingActionRunners } from './pending-action-runners';

let api: TestServer;
let jar: TestJar;
beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(() => {
  useEnvironment({ API_BASE_URL: api.origin });
  api.reset();
  jar = createTestJar();
});

const session = buildSession({ tokens: buildTokens({ expiresAtSec: nowSec() + 3_600 }) });
const owner = () => pseudonymOf(session.user);
const run = (name: keyof typeof pendingActionRunners, input: Record<string, string>) =>
  runAs({ jar, session }, () => pendingActionRunners[name](input));

describe('a pending action of this application', () => {
  it('SE-18: deletes the message that was confirmed', async () => {
    api.handlers['/messages/7'] = (_request, response) => response.writeHead(204).end();
    expect(await run('delete_message', { messageId: '7' })).toEqual({ kind: 'ok', value: null });
    expect(api.requests).toEqual(['DELETE /messages/7']);
  });

  it('SE-18: an id that is no segment of a path reaches nothing at the API', async () => {
    expect((await run('delete_message', { messageId: '../contacts' })).kind).toBe('not_found');
    expect(api.requests).toEqual([]);
  });

  it('SE-18: a message that waited is posted from its draft, which is gone then', async () => {
    const author = { name: 'Ada' };
    const message = { id: '1', author, text: 'Hello', created_at: '2026-03-12T12:00:00Z', mine: true };
    let posted: unknown = null;
    api.handlers['/messages'] = (request, response, body) => {
      posted = JSON.parse(body);
      return json(message, 201)(request, response, body);
    };
    await writeDraft(jar, { owner: owner(), text: ' Hello ', key: 'k' });
    const name = nameMessage({ key: 'k', text: ' Hello ' });
    expect((await run('post_message', { message: name })).kind).toBe('ok');
    expect(posted).toEqual({ text: 'Hello' });
    expect(await readDraft(jar, owner())).toBeNull();
  });

  it('SE-18: without its draft there is nothing to post', async () => {
    expect([await run('post_message', { message: 'x' }), api.requests]).toEqual([{ kind: 'not_found' }, []]);
  });

  it('SE-18: another text that took its place meanwhile is not posted, and stays', async () => {
    await writeDraft(jar, { owner: owner(), text: 'Another one', key: 'k' });
    const name = nameMessage({ key: 'k', text: 'The one that was confirmed' });
    expect([await run('post_message', { message: name }), api.requests]).toEqual([{ kind: 'not_found' }, []]);
    expect((await readDraft(jar, owner()))?.text).toBe('Another one');
  });
});
