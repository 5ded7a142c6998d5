import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Page } from '../http/page.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Message } from './message.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

let users = 0;
/** A user nobody has seen before: tests do not meet in one list. */
const newUser = () => api.token({ sub: `user-${users++}` });

async function list(token: string, query = ''): Promise<Page<Message>> {
  const response = await api.get(`/messages${query}`, token);
  expect(response.status).toBe(200);
  return (await response.json()) as Page<Message>;
}

async function post(body: unknown, token: string, headers?: Record<string, string>): Promise<Message> {
  const response = await api.post(body, token, headers);
  expect(response.status).toBe(201);
  return (await response.json()) as Message;
}

describe('messages', () => {
  test('a new user finds a dozen, newest first, some of them their own', async () => {
    const page = await list(await newUser());
    expect(page).toMatchObject({ page: 1, per_page: 20, total: 12 });
    const dates = page.items.map((message) => message.created_at);
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(new Set(page.items.map((message) => message.mine))).toEqual(new Set([true, false]));
  });

  test('a posted message is answered with its place and stands first', async () => {
    const token = await newUser();
    const response = await api.post({ text: '  Grüße 👋\nfrom here  ' }, token);
    expect(response.status).toBe(201);
    const message = (await response.json()) as Message;
    expect(message).toEqual({
      id: expect.stringMatching(/^m_[\w-]{16}$/),
      author: { name: 'me' },
      mine: true,
      text: 'Grüße 👋\nfrom here',
      created_at: expect.any(String),
      to_contact_id: null,
    });
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`/messages/${message.id}`);
    expect(await (await api.get(location, token)).json()).toEqual(message);
    const page = await list(token, '?per_page=2');
    expect(page.items[0]).toEqual(message);
    expect(page.total).toBe(13);
  });

  test('a message may go to a contact of the user, and to no other', async () => {
    const [mine, theirs] = [await newUser(), await newUser()];
    const response = await api.get('/contacts?per_page=1', mine);
    const { items } = (await response.json()) as Page<{ id: string }>;
    const to_contact_id = items[0]?.id;
    expect(await post({ text: 'hello', to_contact_id }, mine)).toMatchObject({ to_contact_id });
    const refused = await api.post({ text: 'hello', to_contact_id }, theirs);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      errors: [{ field: 'to_contact_id', message: 'is not one of your contacts' }],
    });
  });

  const bad: [string, unknown, string][] = [
    ['no text', {}, 'text'],
    ['empty text', { text: '' }, 'text'],
    ['only spaces', { text: ' \n\t ' }, 'text'],
    ['2001 characters', { text: 'x'.repeat(2_001) }, 'text'],
    ['a number', { text: 7 }, 'text'],
    ['NUL', { text: 'a\u0000b' }, 'text'],
    ['half a character', { text: 'a\ud800b' }, 'text'],
    ['an unknown field', { text: 'x', author: 'somebody' }, 'author'],
    ['a contact that is a list', { text: 'x', to_contact_id: ['c'] }, 'to_contact_id'],
    ['a list', [], ''],
    ['null', 'null', ''],
  ];
  test.each(bad)('%s is rejected with the field', async (_, body, field) => {
    const response = await api.post(body, await api.token());
    expect(response.status).toBe(422);
    const problem = (await response.json()) as { errors: { field: string }[] };
    expect(problem).toMatchObject({ type: 'tag:strongroom.test,2025:invalid_body', status: 422 });
    expect(problem.errors.map((error) => error.field)).toEqual([field]);
  });

  test('2000 characters are accepted', async () => {
    await post({ text: ` ${'x'.repeat(2_000)} ` }, await newUser());
  });

  test.each(['', '{', 'text', '{"text":"a","text":"b"}', '['.repeat(60_000), '\ufffe'])(
    'the body %.20j is rejected as malformed',
    async (body) => expect((await api.post(body, await api.token())).status).toBe(400),
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('a body of type %s is rejected', async (type) => {
    const response = await api.post('{"text":"x"}', await api.token(), { 'content-type': type });
    expect(response.status).toBe(415);
  });
});

describe('Idempotency-Key', () => {
  test('the same request twice creates one message and gives one answer', async () => {
    const token = await newUser();
    const headers = { 'idempotency-key': 'key-1' };
    const first = await post({ text: 'once' }, token, headers);
    expect(await post('{ "text": " once " }', token, headers)).toEqual(first);
    const together = Array.from({ length: 10 }, () => post({ text: 'once' }, token, headers));
    expect(new Set((await Promise.all(together)).map((message) => message.id))).toEqual(new Set([first.id]));
    expect((await list(token)).total).toBe(13);
  });

  test('the same key with another body is rejected', async () => {
    const token = await newUser();
    await post({ text: 'one' }, token, { 'idempotency-key': 'k' });
    const response = await api.post({ text: 'two' }, token, { 'idempotency-key': 'k' });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ type: 'tag:strongroom.test,2025:idempotency_key_reused' });
  });

  test('a key belongs to one user', async () => {
    const [a, b] = [await newUser(), await newUser()];
    const headers = { 'idempotency-key': 'shared' };
    const first = await post({ text: 'x' }, a, headers);
    expect((await post({ text: 'y' }, b, headers)).id).not.toBe(first.id);
  });

  test('a key is forgotten after a day', async () => {
    const later = await startTestApi();
    onTestFinished(() => later[Symbol.asyncDispose]());
    const token = await later.token({ exp: Math.floor(Date.now() / 1000) + 3 * 24 * 3_600 });
    const headers = { 'idempotency-key': 'k' };
    const read = async (response: Response) => ((await response.json()) as Message).id;
    const first = await read(await later.post({ text: 'x' }, token, headers));
    later.passTime(23 * 3_600_000);
    expect(await read(await later.post({ text: 'x' }, token, headers))).toBe(first);
    later.passTime(2 * 3_600_000);
    expect(await read(await later.post({ text: 'x' }, token, headers))).not.toBe(first);
  });

  test.each(['', 'a b', 'ä', 'k'.repeat(256)])('the key %.10j is rejected', async (key) => {
    const response = await api.post({ text: 'x' }, await api.token(), { 'idempotency-key': key });
    expect(response.status).toBe(400);
  });

  test('without a key every request is a message', async () => {
    const token = await newUser();
    await post({ text: 'x' }, token);
    await post({ text: 'x' }, token);
    expect((await list(token)).total).toBe(14);
  });
});

describe('RS-10: messages of another user', () => {
  test('RS-10: nobody sees them in the list or by id', async () => {
    const [mine, theirs] = [await newUser(), await newUser()];
    const message = await post({ text: 'private' }, theirs);
    expect((await api.get(`/messages/${message.id}`, mine)).status).toBe(404);
    expect(JSON.stringify(await list(mine))).not.toContain('private');
  });
});

describe('log', () => {
  test('says what happened, never a token, a text or an address', async () => {
    const token = await api.token({ sub: 'secret.subject@strongroom.test' });
    await post({ text: 'a secret text' }, token, { 'idempotency-key': 'secret-key' });
    await api.get('/contacts?q=secret-query&page=x', token);
    await api.get('/contacts/secret-id', token);
    await api.get(`/contacts?access_token=${token}`);
    const text = JSON.stringify(api.log);
    expect(api.log.map((line) => line.event)).toContain('message_posted');
    expect(api.log.at(-1)).toMatchObject({ event: 'refused', reason: 'token_outside_header', status: 400 });
    expect(text).not.toContain('secret');
    expect(text).not.toContain(token.slice(0, 20));
  });
});
