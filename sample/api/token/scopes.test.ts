import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const routes = [
  ['GET', '/contacts', 'read:contacts'],
  ['HEAD', '/contacts', 'read:contacts'],
  ['GET', '/contacts/export', 'read:contacts'],
  ['GET', '/contacts/c_x', 'read:contacts'],
  ['GET', '/contacts/c_x/picture', 'read:contacts'],
  ['HEAD', '/contacts/c_x/picture', 'read:contacts'],
  ['PUT', '/contacts/c_x/picture', 'write:contacts'],
  ['GET', '/messages', 'read:messages'],
  ['GET', '/messages/stream', 'read:messages'],
  ['GET', '/messages/m_x', 'read:messages'],
  ['POST', '/messages', 'write:messages'],
  ['DELETE', '/messages/m_x', 'write:messages'],
] as const;
const all = ['read:contacts', 'write:contacts', 'read:messages', 'write:messages'];

async function call(method: string, path: string, scope: unknown): Promise<Response> {
  const headers = {
    authorization: `Bearer ${await api.token({ scope })}`,
    'content-type': 'application/json',
  };
  return fetch(api.identifier + path, {
    method,
    headers,
    body: method === 'POST' ? '{"text":"x"}' : undefined,
  });
}

describe.each(routes)('RS-09: %s %s', (method, path, needed) => {
  test(`RS-09: ${needed} alone is enough`, async () => {
    const response = await call(method, path, needed);
    // One of the routes is a stream, which would go on.
    await response.body?.cancel();
    expect(response.status).not.toBe(403);
  });

  test('RS-09: all other scopes together are not', async () => {
    const response = await call(method, path, all.filter((scope) => scope !== needed).join(' '));
    expect(response.status).toBe(403);
    const challenge = response.headers.get('www-authenticate');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain(`scope="${needed}"`);
  });
});

describe('RS-09: scopes are whole words', () => {
  test.each([
    'read',
    'read:contactsx',
    'xread:contacts',
    'READ:CONTACTS',
    'read:contacts,x',
    'read:\tcontacts',
    '',
    undefined,
  ])('RS-09: %j does not open the contacts', async (scope) =>
    expect((await call('GET', '/contacts', scope)).status).toBe(403),
  );

  test.each([[['read:contacts']], [{ 'read:contacts': true }], [null], [7]])(
    'RS-09: the scope claim %j is not text, so the token is rejected',
    async (scope) => expect((await call('GET', '/contacts', scope)).status).toBe(401),
  );

  test('RS-09: the problem tells which scope is needed', async () => {
    const response = await call('GET', '/contacts', 'openid');
    expect(await response.json()).toEqual({
      type: 'tag:strongroom.test,2025:insufficient_scope',
      title: 'The access token lacks a scope',
      status: 403,
      detail: 'The scope read:contacts is needed.',
    });
  });
});
