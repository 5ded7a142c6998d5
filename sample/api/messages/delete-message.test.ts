import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from '../http/page.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Message } from './message.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

let users = 0;
const newUser = () => api.token({ sub: `user-${users++}` });

async function list(token: string): Promise<Page<Message>> {
  return (await (await api.get('/messages', token)).json()) as Page<Message>;
}

async function post(text: string, token: string, key: string): Promise<Message> {
  const response = await api.post({ text }, token, { 'idempotency-key': key });
  expect(response.status).toBe(201);
  return (await response.json()) as Message;
}

test('a deleted message is gone from the list and by id, and cannot be deleted twice', async () => {
  const token = await newUser();
  const { id } = await post('hello', token, 'k');
  const response = await api.delete(`/messages/${id}`, token);
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect((await api.get(`/messages/${id}`, token)).status).toBe(404);
  expect((await list(token)).total).toBe(12);
  expect((await api.delete(`/messages/${id}`, token)).status).toBe(404);
  expect(api.log).toContainEqual({ event: 'message_deleted', user: expect.any(String), message: id });
});

test('every message of the list can be deleted', async () => {
  const token = await newUser();
  for (const { id } of (await list(token)).items)
    expect((await api.delete(`/messages/${id}`, token)).status).toBe(204);
  expect((await list(token)).total).toBe(0);
});

test('the Idempotency-Key of a deleted message is free again: a new message, never the deleted one', async () => {
  const token = await newUser();
  const first = await post('hello', token, 'k');
  await post('kept', token, 'other');
  await api.delete(`/messages/${first.id}`, token);
  const second = await post('hello', token, 'k');
  expect(second.id).not.toBe(first.id);
  expect((await post('hello', token, 'k')).id).toBe(second.id);
  expect((await list(token)).total).toBe(14);
});

test.each(['m_x', '%00', "'%20OR%201=1", 'a'.repeat(3_000)])('nothing is deleted at %.20s', async (id) => {
  const token = await newUser();
  expect((await api.delete(`/messages/${id}`, token)).status).toBe(404);
  expect((await list(token)).total).toBe(12);
});

test('RS-10: another user’s message is as absent as one that never was, and stays', async () => {
  const [mine, theirs] = [await newUser(), await newUser()];
  const { id } = await post('private', theirs, 'k');
  const refused = await api.delete(`/messages/${id}`, mine);
  const absent = await api.delete('/messages/m_x', mine);
  expect(refused.status).toBe(404);
  expect(await refused.text()).toBe(await absent.text());
  expect((await api.get(`/messages/${id}`, theirs)).status).toBe(200);
  expect((await post('private', theirs, 'k')).id).toBe(id);
});
