import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStreamUser, printed } from '../testing/stream-user.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { maxMissed } from './stream-messages.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const reload = (id: string | undefined) => `event: reload\nid: ${id}\ndata: {}`;

test('what was posted since comes first, oldest first, then what is new', async () => {
  const user = await createStreamUser(api);
  const last = await user.post('seen');
  const missed = [await user.post('one'), await user.post('two')];
  const opened = await user.stream(last.id);
  expect(await opened.next()).toBe('retry: 2000');
  for (const message of missed) expect(await opened.next()).toBe(printed(message));
  const message = await user.post('three');
  expect(await opened.next()).toBe(printed(message));
});

test('with the newest id nothing was missed', async () => {
  const user = await createStreamUser(api);
  const opened = await user.stream(await user.newestId());
  expect(await opened.next()).toBe('retry: 2000');
  const message = await user.post('new');
  expect(await opened.next()).toBe(printed(message));
});

test('an empty id is none: nothing is known to be missed', async () => {
  const user = await createStreamUser(api);
  expect(await (await user.stream('')).next()).toBe(`retry: 2000\nid: ${await user.newestId()}`);
});

test.each(['m_x', '0', '-1', "' OR 1=1 --", '%00', 'ÿ', 'm_1, m_2', 'x'.repeat(8_000)])(
  'nonsense gets reload, and the stream goes on: %.20s',
  async (lastEventId) => {
    const user = await createStreamUser(api);
    const opened = await user.stream(lastEventId);
    expect(opened.response.status).toBe(200);
    expect(await opened.next()).toBe('retry: 2000');
    expect(await opened.next()).toBe(reload(await user.newestId()));
    const message = await user.post('new');
    expect(await opened.next()).toBe(printed(message));
  },
);

test('RS-10: the id of another user’s message is as good as nonsense', async () => {
  const [mine, theirs] = [await createStreamUser(api), await createStreamUser(api)];
  const opened = await mine.stream((await theirs.post('private')).id);
  await opened.next();
  expect(await opened.next()).toBe(reload(await mine.newestId()));
});

test('after the id of a deleted message the client reads the list again', async () => {
  const user = await createStreamUser(api);
  const { id } = await user.post('gone');
  await user.remove(id);
  const opened = await user.stream(id);
  await opened.next();
  expect(await opened.next()).toBe(reload(await user.newestId()));
});

test('a user without messages is sent no id', async () => {
  const user = await createStreamUser(api);
  const messages = await user.list();
  for (const { id } of messages) await user.remove(id);
  expect(await (await user.stream()).next()).toBe('retry: 2000');
  const opened = await user.stream(messages[0]?.id);
  await opened.next();
  expect(await opened.next()).toBe('event: reload\ndata: {}');
});

test('RS-19: only so many missed messages are sent; with one more the client reads the list again', async () => {
  const user = await createStreamUser(api);
  const lastId = await user.newestId();
  // The longest text there is: all of it must fit what a stream keeps for its client.
  for (let count = 0; count < maxMissed; count++) await user.post('字'.repeat(2_000));
  const whole = await user.stream(lastId);
  await whole.next();
  for (let count = 0; count < maxMissed; count++) expect(await whole.next()).toContain('event: message');
  const { id } = await user.post('one too many');
  expect(await whole.next()).toContain(id);
  const opened = await user.stream(lastId);
  await opened.next();
  expect(await opened.next()).toBe(reload(id));
});
