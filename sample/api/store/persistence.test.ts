import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Contact } from '../contacts/contact.ts';
import type { Page } from '../http/page.ts';
import type { Message } from '../messages/message.ts';
import { startTestApi } from '../testing/test-api.ts';
import { openDatabase } from './database.ts';

test('contacts, messages and idempotency keys survive a restart', async () => {
  const api = await startTestApi();
  onTestFinished(() => api[Symbol.asyncDispose]());
  const token = await api.token();
  // No connection outlives its request: one that the old process closes is not offered to the new one.
  const headers = { authorization: `Bearer ${token}`, connection: 'close', 'idempotency-key': 'key' };
  const read = async (path: string) => (await api.get(path, headers)).text();
  const post = async () => (await api.post({ text: 'still here' }, token, headers)).json();
  const posted = await post();
  const before = [await read('/contacts'), await read('/messages')];

  await api.restart();

  const after = [await read('/contacts'), await read('/messages')];
  expect(after).toEqual(before);
  expect((JSON.parse(after[1] ?? '') as Page<Message>).items[0]).toEqual(posted);
  expect(await post()).toEqual(posted);
});

test('pictures survive a restart', async () => {
  const api = await startTestApi();
  onTestFinished(() => api[Symbol.asyncDispose]());
  const token = await api.token({ scope: 'read:contacts write:contacts' });
  const headers = { authorization: `Bearer ${token}`, connection: 'close' };
  const list = async () => (await (await api.get('/contacts', headers)).json()) as Page<Contact>;
  const path = `/contacts/${(await list()).items[0]?.id}/picture`;
  await fetch(api.identifier + path, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'image/jpeg' },
    body: new Uint8Array([0xff, 0xd8, 0xff, 0xe0]),
  });
  const read = async () => Buffer.from(await (await api.get(path, headers)).arrayBuffer()).toString('hex');
  const before = await list();

  await api.restart();

  expect(await list()).toEqual(before);
  expect(await read()).toBe('ffd8ffe0');
});

test('the database is readable for its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-db-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  openDatabase(folder).close();
  expect((await stat(join(folder, 'api.sqlite'))).mode & 0o777).toBe(0o600);
});
